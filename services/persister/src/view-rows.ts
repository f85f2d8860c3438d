import type {
  ChangeRow,
  HeadRow,
  MarkRow,
  MembershipRow,
  MessageDeletion,
  MessageEdit,
  MessageRow,
  ReactionRow,
} from '@garam/store/view-writes';

/** Everything a batch of events writes, by table; heads are merged to one row per chat. */
export interface ViewRows {
  memberships: MembershipRow[];
  messages: MessageRow[];
  edits: MessageEdit[];
  deletions: MessageDeletion[];
  reactions: ReactionRow[];
  changes: ChangeRow[];
  marks: MarkRow[];
  heads: Map<string, HeadRow>;
}

export function emptyViewRows(): ViewRows {
  return {
    memberships: [],
    messages: [],
    edits: [],
    deletions: [],
    reactions: [],
    changes: [],
    marks: [],
    heads: new Map(),
  };
}
