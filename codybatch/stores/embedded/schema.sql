-- The embedded store's schema: what the steps in migrations.py lead to (a test compares them).
-- Records are kept as JSON documents beside the columns that are looked up or that the store
-- itself keeps in step. Money is exact decimal text. `place` sorts by time of creation, then id.

CREATE TABLE prompts (
    name TEXT PRIMARY KEY,
    latest INTEGER NOT NULL
, archived INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE INDEX prompts_by_archived ON prompts (archived, name);

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
    cancelled INTEGER NOT NULL, experiment TEXT,
    UNIQUE (requester, idempotency_key)
) STRICT;

CREATE INDEX requests_of_prompt ON requests (prompt, place);

CREATE INDEX requests_of_requester ON requests (requester, place);

CREATE INDEX requests_of_experiment ON requests (experiment, place) WHERE experiment IS NOT NULL;

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
    last_event INTEGER NOT NULL, open_pull_request INTEGER NOT NULL DEFAULT 0,
    unjudged INTEGER NOT NULL DEFAULT 0, withheld INTEGER NOT NULL DEFAULT 0,
    experiment TEXT,
    UNIQUE (request, number)
) STRICT;

CREATE INDEX jobs_of_state ON jobs (state, place);

CREATE INDEX jobs_of_repository ON jobs (repository, place);

CREATE INDEX jobs_of_prompt ON jobs (prompt, place);

CREATE INDEX jobs_of_requester ON jobs (requester, place);

CREATE INDEX jobs_of_lineage ON jobs (lineage, place);

CREATE INDEX jobs_with_open_pull_request ON jobs (place) WHERE open_pull_request = 1;

CREATE INDEX jobs_of_repository_with_open_pull_request ON jobs (repository, place)
WHERE open_pull_request = 1;

CREATE INDEX jobs_unjudged ON jobs (place) WHERE unjudged = 1;

CREATE INDEX jobs_withheld ON jobs (place) WHERE withheld = 1;

CREATE INDEX jobs_of_experiment ON jobs (experiment, place) WHERE experiment IS NOT NULL;

-- How many jobs have each of the three flags above.
CREATE TABLE flag_counts (flag TEXT PRIMARY KEY, jobs INTEGER NOT NULL) STRICT, WITHOUT ROWID;

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

-- `content` is NULL once the document was forgotten: its version is never given out again.
CREATE TABLE person_documents (person TEXT NOT NULL, name TEXT NOT NULL, content TEXT,
version INTEGER NOT NULL, PRIMARY KEY (person, name)) STRICT;

-- What ended and was judged on a UTC day, and of a prompt's version.
CREATE TABLE day_tallies (day TEXT PRIMARY KEY, succeeded INTEGER NOT NULL,
partial INTEGER NOT NULL, failed INTEGER NOT NULL, cancelled INTEGER NOT NULL,
changes_necessary INTEGER NOT NULL, changes_unnecessary INTEGER NOT NULL,
accepted INTEGER NOT NULL, rejected INTEGER NOT NULL, cost_usd TEXT NOT NULL)
STRICT, WITHOUT ROWID;

CREATE TABLE prompt_tallies (prompt TEXT NOT NULL, version INTEGER NOT NULL,
succeeded INTEGER NOT NULL,
partial INTEGER NOT NULL, failed INTEGER NOT NULL, cancelled INTEGER NOT NULL,
changes_necessary INTEGER NOT NULL, changes_unnecessary INTEGER NOT NULL,
accepted INTEGER NOT NULL, rejected INTEGER NOT NULL, cost_usd TEXT NOT NULL,
PRIMARY KEY (prompt, version)) STRICT, WITHOUT ROWID;

-- `wakes_at` is in microseconds; NULL where nobody has to look at the schedule.
CREATE TABLE schedules (id TEXT PRIMARY KEY, wakes_at INTEGER,
version INTEGER NOT NULL, document TEXT NOT NULL) STRICT;

CREATE INDEX schedules_by_waking ON schedules (wakes_at) WHERE wakes_at IS NOT NULL;

-- `active` is 1 where somebody has to look at the experiment from time to time.
CREATE TABLE experiments (id TEXT PRIMARY KEY, active INTEGER NOT NULL,
version INTEGER NOT NULL, document TEXT NOT NULL) STRICT;

CREATE INDEX experiments_by_activity ON experiments (active, id);
