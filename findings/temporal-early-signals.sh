#!/usr/bin/env bash
# Signals that arrive before a workflow's first task are delivered handler by handler, not in the order they were sent.
#
# Versions   @temporalio/worker and @temporalio/workflow 1.24.0
# Setup      a history with the signals pause, resume, pause before the first workflow task. The workflow sets a handler
#            for pause, then one for resume, and records the signals that it receives. The history is replayed; no
#            server is needed.
# Expected   pause, resume, pause: the order of the history.
# Seen       pause, pause, resume: setHandler delivers all buffered signals of its name at once. The last operator
#            paused, and yet the workflow ends up resumed. With a default signal handler set first, the same signals
#            are delivered in order.
# Requeue    sets its default signal handler first (src/workflows/listen.ts).
# Fails      when either order changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @temporalio/worker@1.24.0 @temporalio/workflow@1.24.0 >/dev/null

cat >workflows.js <<'JS'
const { defineSignal, proxySinks, setDefaultSignalHandler, setHandler } = require('@temporalio/workflow');

const { report } = proxySinks();
const heard = [];
const hear = (name) => void heard.push(name);

exports.handlerByHandler = async () => {
  heard.length = 0;
  setHandler(defineSignal('pause'), () => hear('pause'));
  setHandler(defineSignal('resume'), () => hear('resume'));
  report.order(`handlers alone: ${heard.join(', ')}`);
};

exports.defaultFirst = async () => {
  heard.length = 0;
  setDefaultSignalHandler((name) => hear(name));
  setHandler(defineSignal('pause'), () => hear('pause'));
  setHandler(defineSignal('resume'), () => hear('resume'));
  report.order(`default handler first: ${heard.join(', ')}`);
};
JS

cat >replay.js <<'JS'
const { DefaultLogger, Runtime, Worker } = require('@temporalio/worker');

Runtime.install({ logger: new DefaultLogger('ERROR') });

const sinks = { report: { order: { fn: (_info, order) => console.log(order), callDuringReplay: true } } };
const signals = ['pause', 'resume', 'pause'];

const started = (name) => ({
  workflowType: { name },
  taskQueue: { name: 'q' },
  workflowTaskTimeout: '10s',
  originalExecutionRunId: 'run',
  firstExecutionRunId: 'run',
  attempt: 1,
});

/** A run that took its first task after all signals had arrived, and completed in it. */
function historyOf(workflow) {
  const events = [
    ['WORKFLOW_EXECUTION_STARTED', 'workflowExecutionStarted', started(workflow)],
    ...signals.map((signalName) => ['WORKFLOW_EXECUTION_SIGNALED', 'workflowExecutionSignaled', { signalName }]),
    ['WORKFLOW_TASK_SCHEDULED', 'workflowTaskScheduled', { taskQueue: { name: 'q' } }],
    ['WORKFLOW_TASK_STARTED', 'workflowTaskStarted', { scheduledEventId: '5' }],
    ['WORKFLOW_TASK_COMPLETED', 'workflowTaskCompleted', { scheduledEventId: '5', startedEventId: '6' }],
    ['WORKFLOW_EXECUTION_COMPLETED', 'workflowExecutionCompleted', { workflowTaskCompletedEventId: '7' }],
  ];
  return {
    events: events.map(([type, name, attributes], index) => ({
      eventId: String(index + 1),
      eventTime: '2026-01-01T00:00:00Z',
      eventType: `EVENT_TYPE_${type}`,
      [`${name}EventAttributes`]: attributes,
    })),
  };
}

(async () => {
  for (const workflow of ['handlerByHandler', 'defaultFirst'])
    await Worker.runReplayHistory({ workflowsPath: require.resolve('./workflows'), sinks }, historyOf(workflow), workflow);
})();
JS

seen=$(node replay.js 2>&1 | grep -oE '(handlers alone|default handler first): .*')
echo "$seen"
[ "$seen" = "handlers alone: pause, pause, resume
default handler first: pause, resume, pause" ] || { echo 'The behaviour has changed.'; exit 1; }
echo 'As described.'
