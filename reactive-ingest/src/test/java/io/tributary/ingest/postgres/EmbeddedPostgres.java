package io.tributary.ingest.postgres;

import io.tributary.embedded.Addresses;
import io.tributary.embedded.EmbeddedStack;
import java.io.IOException;
import java.nio.file.Files;

/** The PostgreSQL of a stack, as the service is told of it. */
public final class EmbeddedPostgres {
    private EmbeddedPostgres() {}

    public static PostgresAddress addressOf(EmbeddedStack stack) throws IOException {
        Addresses.Postgres at = stack.addresses().postgres().orElseThrow();
        return new PostgresAddress(
                at.host(),
                at.port(),
                at.database(),
                at.user(),
                Files.readString(at.passwordFile()).strip());
    }
}
