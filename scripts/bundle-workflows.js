// Bundles the compiled workflows into dist/workflow-bundle.js, so that a worker starts without bundling them.
const { writeFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');

const dist = resolve(__dirname, '../dist');

void bundleWorkflowCode({
  workflowsPath: resolve(dist, 'workflows/index.js'),
  payloadConverterPath: resolve(dist, 'workflows/payload-converter.js'),
  logger: new DefaultLogger('WARN'),
}).then(({ code }) => writeFileSync(resolve(dist, 'workflow-bundle.js'), code));
