/** Documents that people write by hand, behind their notation. */
import type { SourceNode } from '../core/source-node.ts';

export interface DocumentReader {
  /**
   * The document of a YAML 1.2 text, undefined for an empty one. `what` names the file in errors. MUST bound its work by the
   * length of the text, aliases included, and MUST reject with BAD_JSON (data: file, line, column) what is malformed or
   * ambiguous: duplicate keys, keys that are no texts, tags, several documents, numbers that a double cannot hold.
   */
  yaml(text: string, what: string): Promise<SourceNode | undefined>;
}
