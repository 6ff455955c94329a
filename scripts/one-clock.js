// A rule for oxlint: what `no-restricted-globals` and `no-restricted-properties` cannot say about src/clock/clock.ts.

/** The modules of Node that have a clock or chance, and which of their names: all, or those that match. */
const restricted = new Map([
  ['timers', /./],
  ['timers/promises', /./],
  ['perf_hooks', /./],
  ['crypto', /^(\*|default|random.*|getRandomValues|webcrypto)$/],
]);

const oneClock = {
  create(context) {
    const report = (node, what) => context.report({ node, message: `${what}: use src/clock/clock.ts.` });
    const checkDate = (node) => {
      if (node.arguments.length === 0) report(node, 'The current time of Date');
    };
    const checkModule = (node) => {
      const module = node.source?.value.replace(/^node:/, '');
      const name = restricted.get(module);
      for (const taken of name ? namesFrom(node) : [])
        if (name.test(taken)) report(node, `${taken} of ${module}`);
    };
    return {
      'NewExpression[callee.name="Date"]': checkDate,
      'CallExpression[callee.name="Date"]': checkDate,
      ImportDeclaration: checkModule,
      ExportNamedDeclaration: checkModule,
      ExportAllDeclaration: checkModule,
    };
  },
};

/** The names that a declaration takes from its module. */
function namesFrom({ specifiers }) {
  if (!specifiers) return ['*'];
  return specifiers.map(({ type, imported, local }) => {
    if (type === 'ImportNamespaceSpecifier') return '*';
    return type === 'ImportDefaultSpecifier' ? 'default' : (imported ?? local).name;
  });
}

module.exports = { meta: { name: 'requeue' }, rules: { 'one-clock': oneClock } };
