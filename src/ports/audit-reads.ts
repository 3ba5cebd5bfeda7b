/** What an audit asks of the manifest and nothing else does. */

export interface GovernanceText {
  readonly table: 'policy' | 'candidate' | 'report' | 'approval' | 'event_payload';
  /** What the text is to be the SHA-256 of: the id of its record. */
  readonly id: string;
  readonly text: string;
}

export interface AuditReads {
  /** What is not sound in the index itself, without its schema. Empty when all is. */
  indexProblems(): Promise<readonly string[]>;
  /** Tables, indexes, triggers and views that are missing, changed or added, each named. Empty when the schema is ours. */
  schemaDifferences(): Promise<readonly string[]>;
  /** Every text of a record that the manifest keeps beside its columns. */
  governanceTexts(): AsyncIterable<GovernanceText>;
}
