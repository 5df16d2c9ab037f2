package io.tributary.ingest.api;

import io.tributary.schemas.BadConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may ask, from a file: a line for each token, {@code scope[,scope] token}; empty lines and such that begin with # are
 * passed over. Any number of tokens, up to 100, is valid at once: to rotate one, add the new, change the callers, take the old
 * away. Only hashes are held.
 */
public final class AccessTokens {
    private static final int MAX_FILE_BYTES = 64 * 1024;
    private static final int MAX_TOKENS = 100;
    private static final Pattern LINE = Pattern.compile("(\\S+)\\s+(\\S+)");
    /** Of RFC 6750; shorter ones could be guessed. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,512}=*");

    private final List<Grant> grants;

    private AccessTokens(List<Grant> grants) {
        this.grants = grants;
    }

    private record Grant(byte[] sha256, Set<Scope> scopes) {}

    /**
     * Reads the file. What is wrong with it is told by its line's number, never by its content.
     *
     * @param key of the setting that names the file
     * @throws BadConfig also when it holds no token
     */
    public static AccessTokens read(String key, Path file) {
        List<String> lines;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new BadConfig(key + " names a file of more than " + MAX_FILE_BYTES + " bytes");
            }
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new BadConfig(
                    key + " names a file that can not be read: " + e.getClass().getSimpleName());
        }
        List<Grant> grants = new ArrayList<>();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                grants.add(grant(key, at + 1, line));
            }
        }
        if (grants.isEmpty() || grants.size() > MAX_TOKENS) {
            throw new BadConfig(key + " names a file with " + grants.size() + " tokens, expected 1.." + MAX_TOKENS);
        }
        return new AccessTokens(List.copyOf(grants));
    }

    private static Grant grant(String key, int number, String line) {
        Matcher words = LINE.matcher(line);
        if (!words.matches() || !TOKEN.matcher(words.group(2)).matches()) {
            throw new BadConfig(key + " line " + number
                    + ": expected scopes, a space and a token of 16 to 512 letters, digits and . _ ~ + / - =");
        }
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words.group(1).split(",", -1)) {
            scopes.add(Scope.of(word)
                    .orElseThrow(() -> new BadConfig(key + " line " + number + ": a scope that there is not, expected "
                            + List.of(Scope.values()))));
        }
        return new Grant(sha256(words.group(2)), scopes);
    }

    /** What a token may do; empty when it is none of ours. Takes as long for any token of its length. */
    Optional<Set<Scope>> scopes(String token) {
        byte[] presented = sha256(token);
        Optional<Set<Scope>> found = Optional.empty();
        for (Grant grant : grants) { // to the end, whatever was found
            if (MessageDigest.isEqual(grant.sha256, presented)) {
                found = Optional.of(grant.scopes);
            }
        }
        return found;
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
