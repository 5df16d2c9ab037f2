package io.tributary.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Supplier;

/** Files that only their owner reads (mode 600), written whole or not at all. */
final class SecretFile {
    private static final int PASSWORD_BYTES = 24;
    private static final int KEY_BYTES = 32;

    private SecretFile() {}

    /** 48 hex digits that nobody knows. */
    static String random() {
        return HexFormat.of().formatHex(random(PASSWORD_BYTES));
    }

    /** Makes a password where there is none; never changed, because a server remembers it. */
    static String password(Path file) throws IOException {
        return kept(file, SecretFile::random);
    }

    /** Makes a key of 32 bytes where there is none, in base64 as Fernet wants it; never changed, because data is encrypted with it. */
    static String key(Path file) throws IOException {
        return kept(file, () -> Base64.getUrlEncoder().encodeToString(random(KEY_BYTES)));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return random;
    }

    private static String kept(Path file, Supplier<String> made) throws IOException {
        if (!Files.exists(file)) {
            write(file, made.get() + "\n");
        }
        return Files.readString(file).strip();
    }

    /** Writes or replaces it. */
    static void write(Path file, String content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, content.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
