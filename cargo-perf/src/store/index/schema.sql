-- The index as it is now: version 2.

-- One row for each record. What was read of the machine before and after a run stands here, too.
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL UNIQUE,
    sha TEXT,
    parents TEXT,
    branch TEXT,
    committed INTEGER,
    subject TEXT,
    dirty INTEGER,
    source_tree TEXT,
    class TEXT NOT NULL,
    cpu TEXT NOT NULL,
    build TEXT NOT NULL,
    clock TEXT NOT NULL,
    rustc TEXT NOT NULL,
    cargo_perf TEXT NOT NULL,
    dependencies TEXT,
    governor TEXT,
    virtualisation TEXT,
    memory_mib INTEGER,
    load_before_percent INTEGER,
    load_after_percent INTEGER,
    kept TEXT
) STRICT;
CREATE INDEX runs_by_commit ON runs (sha);
CREATE INDEX runs_by_commit_time ON runs (committed);
CREATE INDEX runs_by_time_kept ON runs (kept);

-- The files a record was read from: `baselines/…` or `.perf/runs/…`.
CREATE TABLE sources (
    file TEXT PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_run ON sources (run);

CREATE TABLE benchmarks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- A metric and what it means; another unit is another metric.
CREATE TABLE metrics (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    better TEXT NOT NULL,
    exact INTEGER NOT NULL,
    UNIQUE (name, unit, better, exact)
) STRICT;

-- A benchmark of a run, and how its launches went.
CREATE TABLE cases (
    benchmark INTEGER NOT NULL REFERENCES benchmarks (id),
    run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    definition INTEGER NOT NULL,
    kind TEXT NOT NULL,
    passed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (benchmark, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_by_run ON cases (run);

-- What a metric came to, derived from the samples. Ordered by benchmark, since that is how it is asked for.
CREATE TABLE results (
    benchmark INTEGER NOT NULL,
    run INTEGER NOT NULL,
    metric INTEGER NOT NULL REFERENCES metrics (id),
    value REAL,
    low REAL,
    high REAL,
    launches INTEGER,
    budget REAL,
    absent TEXT,
    PRIMARY KEY (benchmark, run, metric),
    FOREIGN KEY (benchmark, run) REFERENCES cases (benchmark, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What was seen, launch by launch: also of what is context only, such as page faults, switches and bytes read and written. Ordered
-- by run, since that is how it comes.
CREATE TABLE samples (
    run INTEGER NOT NULL,
    benchmark INTEGER NOT NULL,
    metric INTEGER NOT NULL REFERENCES metrics (id),
    data BLOB NOT NULL,
    PRIMARY KEY (run, benchmark, metric),
    FOREIGN KEY (benchmark, run) REFERENCES cases (benchmark, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE failures (
    benchmark INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    signal INTEGER,
    launch INTEGER NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (benchmark, run, number),
    FOREIGN KEY (benchmark, run) REFERENCES cases (benchmark, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The bracket of a limit; 64 bits without a sign are kept as the signed number of the same bits.
CREATE TABLE limits (
    benchmark INTEGER NOT NULL,
    run INTEGER NOT NULL,
    kind TEXT NOT NULL,
    axis TEXT NOT NULL,
    ended TEXT NOT NULL,
    largest_pass INTEGER,
    smallest_fail INTEGER,
    PRIMARY KEY (benchmark, run),
    FOREIGN KEY (benchmark, run) REFERENCES cases (benchmark, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- The probes of a limit, in the order they took place.
CREATE TABLE levels (
    benchmark INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    n INTEGER NOT NULL,
    broke TEXT,
    failure_kind TEXT,
    failure TEXT,
    wall_ns INTEGER,
    cpu_ns INTEGER,
    memory_bytes INTEGER,
    late_ns INTEGER,
    disturbed INTEGER NOT NULL,
    PRIMARY KEY (benchmark, run, number),
    FOREIGN KEY (benchmark, run) REFERENCES cases (benchmark, run) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- What was seen of users, or of operations at a rate, at a level. `errors` is a JSON object: how many, by what they said. Those from
-- `late_p99_ns` on are what the generator of a rate says of itself; `own_…` is latency without its own fault.
CREATE TABLE traffic (
    benchmark INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    window_ns INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    unstarted INTEGER NOT NULL,
    done INTEGER NOT NULL,
    errors TEXT,
    p50_ns INTEGER,
    p90_ns INTEGER,
    p99_ns INTEGER,
    max_ns INTEGER,
    waited_ns INTEGER,
    others_ns INTEGER,
    late_p99_ns INTEGER,
    busy_ppm INTEGER,
    own_p50_ns INTEGER,
    own_p90_ns INTEGER,
    own_p99_ns INTEGER,
    own_max_ns INTEGER,
    PRIMARY KEY (benchmark, run, number),
    FOREIGN KEY (benchmark, run, number) REFERENCES levels (benchmark, run, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
