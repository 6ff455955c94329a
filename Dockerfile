# Gateway, worker, labeling sandbox and the operator's commands in one image.
#
#   docker build -t requeue:local .
#   docker run --rm requeue:local requeue --help
#
# NODE_IMAGE names another base: a mirror, or a digest.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# No scripts: ours builds, and there is nothing to build yet; nobody else's is needed.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build \
  && chmod +x dist/cli/main.js \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# The SDK brings its native part for five platforms, of which this image is one, and its sources; Node loads no types and no maps.
RUN cd node_modules \
  && test -d "@temporalio/core-bridge/releases/$(uname -m)-unknown-linux-gnu" \
  && find @temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} + \
  && rm -rf @temporalio/core-bridge/sdk-core \
  && find . -type f \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' \) -delete

FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
  && install -d -o node -g node /var/lib/requeue \
  && ln -s /app/dist/cli/main.js /usr/local/bin/requeue
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY scripts/healthy.js scripts/healthy.js
COPY examples examples
ENV NODE_ENV=production REQUEUE_STORE=/var/lib/requeue
# A new named volume takes owner and mode of this folder; a mounted folder of the host has to belong to user 1000.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/healthy.js"]
# Node as process 1 would ignore what it has no handler for, and reap no children.
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["requeue", "gateway"]
