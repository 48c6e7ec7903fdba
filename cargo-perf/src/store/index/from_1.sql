-- Records hold more than the first version kept of them: how busy the machine was, and of levels what became of each and what was
-- seen of users. So that known runs have it, too, all are read from their files again.
DROP TABLE levels;
DROP TABLE limits;
DROP TABLE failures;
DROP TABLE samples;
DROP TABLE results;
DROP TABLE cases;
DROP TABLE sources;
DROP TABLE runs;
DROP TABLE metrics;
DROP TABLE benchmarks;
