package io.tributary.acceptance;

import io.tributary.embedded.EmbeddedStack.Part;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What can stand still.
 *
 * @param ledgerReads whether PostgreSQL answers questions about runs meanwhile
 * @param begin from now until what it returns is closed
 */
record Stall(String name, boolean ledgerReads, Callable<AutoCloseable> begin) {
    /** PostgreSQL takes no users; its ledger goes on. */
    static Stall ofLockedUsers(WholeStack stack) {
        return new Stall("locked table", true, () -> {
            Connection sql = stack.stores().sql();
            sql.setAutoCommit(false);
            try (Statement statement = sql.createStatement()) {
                statement.execute("lock table users in access exclusive mode");
            }
            return sql; // closed: rolled back
        });
    }

    /** Every process of these servers, as they are when it begins. */
    static Stall ofStopped(WholeStack stack, Part... parts) {
        String name = Stream.of(parts).map(Part::label).collect(Collectors.joining(" and ", "stopped ", ""));
        return new Stall(name, List.of(parts).indexOf(Part.POSTGRES) < 0, () -> {
            List<ProcessHandle> all = new ArrayList<>();
            for (Part part : parts) {
                all.addAll(Signals.family(stack.servers().pid(part)));
            }
            Signals.send("STOP", all);
            return () -> Signals.send("CONT", all);
        });
    }
}
