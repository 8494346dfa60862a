package io.terway.eni.operation;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Assign calls on disk, written before they are sent. After a crash an open one is sent again exactly as it was, with
 * its client token, so that the cloud gives the answer that was lost; a repeated operation gets its addresses back.
 *
 * <p>One line per fact: {@code B token eni family kind op:count,op:count} before the call, {@code D token ip,ip} or
 * {@code F token} after it. A line cut short by a crash is dropped. Bounded by {@link #MAX_BATCHES}. Any thread.
 */
final class AssignJournal {

    /** Calls remembered; older ones are forgotten when the file is rewritten. */
    static final int MAX_BATCHES = 4096;

    private static final Logger LOG = Logger.getLogger(AssignJournal.class);

    /** One call. {@code added} is empty while it is open. */
    record Batch(String token, Lane lane, List<Share> shares, Optional<Added> added) {

        int count() {
            return shares.stream().mapToInt(Share::count).sum();
        }

        /** The part of one operation: what the call added is dealt out in the order of its shares. */
        Added of(OperationId operation) {
            Added mine = Added.NOTHING;
            int from = 0;
            for (Share share : shares) {
                int to = from + share.count();
                if (share.operation().equals(operation) && added.isPresent()) {
                    mine = mine.and(added.get().slice(from, to));
                }
                from = to;
            }
            return mine;
        }

        boolean serves(OperationId operation) {
            return shares.stream().anyMatch(share -> share.operation().equals(operation));
        }
    }

    record Share(OperationId operation, int count) {}

    private final Path file;
    private final int limit;
    // guarded by this
    private final Map<String, Batch> batches = new LinkedHashMap<>();
    // guarded by this
    private int lines;

    /** @throws UncheckedIOException when the directory cannot be read or written */
    AssignJournal(Path stateDir) {
        this(stateDir, MAX_BATCHES);
    }

    AssignJournal(Path stateDir, int limit) {
        this.limit = limit;
        file = stateDir.resolve("assigns.log");
        try {
            Files.createDirectories(stateDir);
            if (Files.exists(file)) {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(this::replay);
            }
            rewrite();
        } catch (IOException e) {
            throw new UncheckedIOException("terway.state-dir " + stateDir + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** The calls that served this operation, oldest first. */
    synchronized List<Batch> of(OperationId operation) {
        return batches.values().stream()
                .filter(batch -> batch.serves(operation))
                .toList();
    }

    /** Writes a call to the disk before it is sent. */
    synchronized Batch begin(String token, Lane lane, List<Share> shares) {
        Batch batch = new Batch(token, lane, List.copyOf(shares), Optional.empty());
        batches.put(token, batch);
        append(begun(batch), true);
        return batch;
    }

    /** The call added these. */
    synchronized Batch done(String token, Added added) {
        Batch open = batches.get(token);
        Batch done = new Batch(token, open.lane(), open.shares(), Optional.of(added));
        batches.put(token, done);
        append(ended(done), false);
        return done;
    }

    /** The call added nothing, for certain. */
    synchronized void failed(String token) {
        batches.remove(token);
        append("F " + token, false);
    }

    private void replay(String line) {
        String[] words = line.split(" ");
        try {
            switch (words[0]) {
                case "B" -> {
                    List<Share> shares = new ArrayList<>();
                    for (String share : words[5].split(",")) {
                        int colon = share.lastIndexOf(':');
                        shares.add(new Share(
                                new OperationId(share.substring(0, colon)),
                                Integer.parseInt(share.substring(colon + 1))));
                    }
                    Lane lane = new Lane(new EniId(words[2]), Family.valueOf(words[3]), Lane.Kind.valueOf(words[4]));
                    batches.put(words[1], new Batch(words[1], lane, shares, Optional.empty()));
                }
                case "D" ->
                    batches.computeIfPresent(words[1], (_, open) -> {
                        Added added = words.length < 3 ? Added.NOTHING : added(words[2]);
                        return new Batch(open.token(), open.lane(), open.shares(), Optional.of(added));
                    });
                case "F" -> batches.remove(words[1]);
                default -> LOG.warnf("%s: a line is not understood and dropped", file);
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException torn) {
            LOG.warnf("%s: a torn line is dropped", file);
        }
    }

    private void append(String line, boolean force) {
        try {
            if (++lines > 4 * limit) {
                rewrite();
                return;
            }
            write(file, line + '\n', force, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("the assign journal " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    private void rewrite() throws IOException {
        while (batches.size() > limit) {
            batches.remove(batches.keySet().iterator().next());
        }
        StringBuilder text = new StringBuilder();
        lines = 0;
        for (Batch batch : batches.values()) {
            text.append(begun(batch)).append('\n');
            lines++;
            if (batch.added().isPresent()) {
                text.append(ended(batch)).append('\n');
                lines++;
            }
        }
        Path fresh = file.resolveSibling("assigns.log.new");
        write(
                fresh,
                text.toString(),
                true,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void write(Path file, String text, boolean force, StandardOpenOption... how) throws IOException {
        try (FileChannel channel = FileChannel.open(file, how)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            if (force) {
                channel.force(false);
            }
        }
    }

    private static String begun(Batch batch) {
        List<String> shares = batch.shares().stream()
                .map(share -> share.operation() + ":" + share.count())
                .toList();
        return "B " + batch.token() + " " + batch.lane() + " " + String.join(",", shares);
    }

    private static String ended(Batch batch) {
        Added added = batch.added().orElseThrow();
        return "D " + batch.token() + " "
                + Stream.concat(added.addresses().stream(), added.prefixes().stream())
                        .map(Object::toString)
                        .collect(Collectors.joining(","));
    }

    private static Added added(String text) {
        List<Ip> addresses = new ArrayList<>();
        List<Cidr> prefixes = new ArrayList<>();
        for (String one : text.split(",")) {
            if (one.contains("/")) {
                prefixes.add(Cidr.parse(one));
            } else {
                addresses.add(Ip.parse(one));
            }
        }
        return new Added(addresses, prefixes);
    }
}
