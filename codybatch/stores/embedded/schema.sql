-- The embedded store's schema: what the steps in migrations.py lead to (a test compares them).
-- Records are kept as JSON documents beside the columns that are looked up or that the store
-- itself keeps in step. Money is exact decimal text. `place` sorts by time of creation, then id.

CREATE TABLE prompts (
    name TEXT PRIMARY KEY,
    latest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE prompt_versions (
    name TEXT NOT NULL REFERENCES prompts (name),
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

-- `document` is the request as it was created; what changes since is in the other columns.
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    requester TEXT NOT NULL,
    prompt TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    document TEXT NOT NULL,
    title TEXT NOT NULL,
    released_at TEXT,
    version INTEGER NOT NULL,
    cap_usd TEXT,
    spent_usd TEXT NOT NULL,
    reserved_usd TEXT NOT NULL,
    queued INTEGER NOT NULL,
    running INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    partial INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    UNIQUE (requester, idempotency_key)
) STRICT;

CREATE INDEX requests_of_prompt ON requests (prompt, place);

CREATE INDEX requests_of_requester ON requests (requester, place);

CREATE TABLE request_repositories (
    repository TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (repository, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE request_words (
    word TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (word, place)
) STRICT, WITHOUT ROWID;

-- `document` lacks the fields that are the store's: they are in the columns from `version` on.
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    place TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    request TEXT NOT NULL REFERENCES requests (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    repository TEXT NOT NULL,
    prompt TEXT NOT NULL,
    requester TEXT NOT NULL,
    lineage TEXT NOT NULL,
    document TEXT NOT NULL,
    version INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    lease TEXT,
    cancel_requested INTEGER NOT NULL,
    held_usd TEXT NOT NULL,
    held_day TEXT,
    counted_usd TEXT NOT NULL,
    last_event INTEGER NOT NULL,
    UNIQUE (request, number)
) STRICT;

CREATE INDEX jobs_of_state ON jobs (state, place);

CREATE INDEX jobs_of_repository ON jobs (repository, place);

CREATE INDEX jobs_of_prompt ON jobs (prompt, place);

CREATE INDEX jobs_of_requester ON jobs (requester, place);

CREATE INDEX jobs_of_lineage ON jobs (lineage, place);

CREATE TABLE job_words (
    word TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (word, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_counts (
    state TEXT PRIMARY KEY,
    jobs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE steps (
    job TEXT NOT NULL REFERENCES jobs (id),
    conversation INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, conversation, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    job TEXT NOT NULL REFERENCES jobs (id),
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_time ON events (at);

CREATE TABLE submissions (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE day_budgets (
    day TEXT PRIMARY KEY,
    spent_usd TEXT NOT NULL,
    reserved_usd TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credential_troubles (
    credential TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
    job TEXT NOT NULL REFERENCES jobs (id),
    rater TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (job, rater)
) STRICT, WITHOUT ROWID;
