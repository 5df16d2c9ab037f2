package io.tributary.perf;

import java.nio.file.Path;
import java.util.List;

/**
 * Another program that does the work of ingest. What it is to do stands in its environment: {@code PEER_SOURCE}, {@code
 * PEER_SEED}, {@code PEER_USERS}, {@code PEER_PAGES}, {@code PEER_PAGE_SIZE}, {@code PEER_POSTGRES}, {@code PEER_TABLE}, {@code
 * PEER_KAFKA} and {@code PEER_TOPIC}. It ends with status 0 when both sinks have every user.
 *
 * @param name and its folder in {@code perf/peers}
 * @param most users that are worth their time; what it does in a second does not depend on them
 * @param builds commands to be run in its folder before, {@code {built}} standing for where they may write; they do nothing a
 *     second time
 * @param command run in its folder, with the same word
 */
record Peer(String name, int most, List<List<String>> builds, List<String> command) {
    private static final String BUILT = "{built}";

    /** The strongest. */
    static final Peer BENTHOS = new Peer(
            "benthos",
            Integer.MAX_VALUE,
            List.of(List.of("go", "build", "-trimpath", "-o", BUILT + "/benthos", ".")),
            List.of(BUILT + "/benthos", "-c", "ingest.yaml"));

    /** The way of the tutorials. */
    static final Peer ANCESTOR = new Peer(
            "ancestor",
            2_000,
            List.of(
                    List.of("python3", "-m", "venv", BUILT + "/venv"),
                    List.of(
                            BUILT + "/venv/bin/pip",
                            "install",
                            "--quiet",
                            "--disable-pip-version-check",
                            "--require-hashes",
                            "-r",
                            "requirements.lock")),
            List.of(BUILT + "/venv/bin/python", "ancestor.py"));

    Path folder(Path home) {
        return home.resolve("perf/peers").resolve(name);
    }

    Path built(Path home) {
        return home.resolve("perf/target/peers").resolve(name);
    }

    List<String> words(List<String> line, Path home) {
        return line.stream()
                .map(word -> word.replace(BUILT, built(home).toString()))
                .toList();
    }
}
