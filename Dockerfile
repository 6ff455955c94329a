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
# Without scripts: Requeue's own would build, and the sources are not here yet; no dependency needs one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build \
  && chmod +x dist/cli/main.js \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# Deletes the SDK's native libraries for four other platforms and its sources; Node needs no type declarations and no maps.
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
# A new named volume takes owner and mode from this folder; a mounted folder of the host must belong to user 1000.
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "scripts/healthy.js"]
# As process 1, Node would ignore signals without a handler and would not reap children.
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["requeue", "gateway"]
