import { buildSchema } from 'graphql';
import type { LedgerEntry } from './ledger';

/** The part of Labelbox's schema that the guide's mutation uses. */
export const schema = buildSchema(`
  input LabelWhere { id_in: [ID!] }
  input ProjectWhere { id: ID! }
  type BulkDeleteLabels { count: Int! }
  type MutatedProject {
    id: ID!
    bulkDeleteLabels(where: LabelWhere!, makeTemplates: Boolean = false, waitForQueue: Boolean = false): BulkDeleteLabels!
  }
  type Query { sandbox: String! }
  type Mutation { project(where: ProjectWhere!): MutatedProject }
`);

interface BulkDeleteArguments {
  readonly where: { readonly id_in?: readonly string[] | null };
  readonly makeTemplates: boolean;
  readonly waitForQueue: boolean;
}

type Take = (call: Omit<LedgerEntry, 'applied' | 'at'>) => Promise<number>;

/** Resolvers; `take` carries out a mutation and answers its count. */
export function rootOf(take: Take) {
  return {
    sandbox: 'Requeue labeling sandbox',
    project: ({ where }: { where: { id: string } }) => ({
      id: where.id,
      bulkDeleteLabels: async ({ where: labels, makeTemplates, waitForQueue }: BulkDeleteArguments) => ({
        count: await take({ projectId: where.id, labelIds: labels.id_in ?? [], makeTemplates, waitForQueue }),
      }),
    }),
  };
}
