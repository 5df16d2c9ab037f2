package io.tributary.etl;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the control API knows us by. It is never shown: no message quotes it, nor what stands in its file.
 *
 * @param value of RFC 6750, so that it fits into a header as it is
 */
record BearerToken(String value) {
    private static final int MAX_FILE_BYTES = 4 * 1024;
    private static final Pattern ONE_LINE = Pattern.compile("[A-Za-z0-9._~+/-]+=*\\R?");

    /**
     * Reads a file that only its owner can read, with nothing in it but the token.
     *
     * @param file as it was given, for messages
     * @param here what it begins at
     */
    static BearerToken read(Path file, Path here) {
        Path full = here.resolve(file);
        String named = "--token-file " + Text.printable(file.toString());
        String content;
        try {
            Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(full);
            if (allowed.contains(PosixFilePermission.GROUP_READ) || allowed.contains(PosixFilePermission.OTHERS_READ)) {
                throw EtlFailure.usage(named + " can be read by others; chmod 600 it, and have a new token made");
            }
            try (InputStream bytes = Files.newInputStream(full)) {
                content = new String(bytes.readNBytes(MAX_FILE_BYTES + 1), StandardCharsets.ISO_8859_1);
            }
        } catch (NoSuchFileException e) {
            throw EtlFailure.usage(named + ": there is no such file");
        } catch (IOException e) {
            throw EtlFailure.usage(named + " can not be read (" + e.getClass().getSimpleName() + ")");
        }
        if (content.length() > MAX_FILE_BYTES || !ONE_LINE.matcher(content).matches()) {
            throw EtlFailure.usage(named + ": expected one line of at most " + MAX_FILE_BYTES
                    + " letters, digits and . _ ~ + / - =, the token and nothing else");
        }
        return new BearerToken(content.strip());
    }

    @Override
    public String toString() {
        return "***";
    }
}
