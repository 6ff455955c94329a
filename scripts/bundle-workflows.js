// Writes dist/workflow-bundle.js from the compiled workflows, so that a worker starts without bundling.
const { writeFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');

const dist = resolve(__dirname, '../dist');

void bundleWorkflowCode({
  workflowsPath: resolve(dist, 'workflows/index.js'),
  payloadConverterPath: resolve(dist, 'workflows/payload-converter.js'),
  logger: new DefaultLogger('WARN'),
}).then(({ code }) => writeFileSync(resolve(dist, 'workflow-bundle.js'), code));
