/** The memory keeps no schema and no texts beside its values: there is nothing that could disagree. */
import type { AuditReads } from '../../ports/audit-reads.ts';

export const memoryAuditReads: AuditReads = {
  indexProblems: async () => [],
  schemaDifferences: async () => [],
  async *governanceTexts() {
    // nothing
  },
};
