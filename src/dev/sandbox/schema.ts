import { buildSchema, GraphQLError } from 'graphql';
import type { LabelsTaken } from './ledger';

/**
 * The part of Labelbox's schema that the guide's mutation uses. Only the names of the types are Requeue's
 * own.
 */
export const schema = buildSchema(`
  input ProjectWhere { id: ID! }
  input LabelsWhere { id_in: [ID!] }
  type DeletedLabels {
    "Labels that existed until this mutation."
    count: Int!
  }
  type Project {
    id: ID!
    bulkDeleteLabels(where: LabelsWhere!, makeTemplates: Boolean! = false, waitForQueue: Boolean! = false): DeletedLabels!
  }
  type Query { sandbox: String! }
  type Mutation { project(where: ProjectWhere!): Project }
`);

/** Executes one mutation and returns its count. Created for each call, because a fault strikes one call. */
export type CallRoot = { readonly take: (call: LabelsTaken) => Promise<number> };

interface DeleteArguments {
  readonly where: { readonly id_in?: readonly string[] | null };
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
}

export const rootValue = {
  sandbox: 'Requeue labeling sandbox',
  project: ({ where }: { where: { id: string } }) => ({
    id: where.id,
    bulkDeleteLabels: async (args: DeleteArguments, { take }: CallRoot) => ({
      count: await take({ projectId: where.id, ...toLabelsTaken(args) }),
    }),
  }),
};

function toLabelsTaken({
  where,
  makeTemplates,
  waitForQueue,
}: DeleteArguments): Omit<LabelsTaken, 'projectId'> {
  // Without ids a real service may delete every label of the project, so the sandbox refuses such a call.
  if (!where.id_in)
    throw new GraphQLError('id_in is missing: name the labels to delete.', {
      extensions: { code: 'MALFORMED_REQUEST' },
    });
  return { labelIds: where.id_in, makeTemplates, waitForQueue };
}
