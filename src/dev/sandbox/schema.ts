import { buildSchema, GraphQLError } from 'graphql';
import type { DeleteMutation } from './ledger';

/** The part of Labelbox's schema that the guide's mutation uses. Only the type names are Requeue's own. */
export const schema = buildSchema(`
  input ProjectWhere { id: ID! }
  input LabelsWhere { id_in: [ID!] }
  type DeletedLabels {
    "Number of labels that this mutation deleted."
    count: Int!
  }
  type Project {
    id: ID!
    bulkDeleteLabels(where: LabelsWhere!, makeTemplates: Boolean! = false, waitForQueue: Boolean! = false): DeletedLabels!
  }
  type Query { sandbox: String! }
  type Mutation { project(where: ProjectWhere!): Project }
`);

/**
 * Executes a mutation and returns its count. Created for each call, because faults change the count per call.
 */
export type CallContext = { readonly execute: (mutation: DeleteMutation) => Promise<number> };

interface DeleteArguments {
  readonly where: { readonly id_in?: readonly string[] | null };
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
}

export const rootValue = {
  sandbox: 'Requeue labeling sandbox',
  project: ({ where }: { where: { id: string } }) => ({
    id: where.id,
    bulkDeleteLabels: async (args: DeleteArguments, { execute }: CallContext) => ({
      count: await execute({ projectId: where.id, ...toDeleteMutation(args) }),
    }),
  }),
};

function toDeleteMutation({
  where,
  makeTemplates,
  waitForQueue,
}: DeleteArguments): Omit<DeleteMutation, 'projectId'> {
  // Without ids, a real service may delete all labels of the project, so the sandbox refuses such a call.
  if (!where.id_in)
    throw new GraphQLError('id_in is missing: list the ids of the labels to delete.', {
      extensions: { code: 'MALFORMED_REQUEST' },
    });
  return { labelIds: where.id_in, makeTemplates, waitForQueue };
}
