package io.terway.eni.simulation;

import io.terway.eni.AddressCounts;
import io.terway.eni.EniOrder;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.operation.AddressOperations.Assign;
import io.terway.eni.operation.AddressOperations.Counts;
import io.terway.eni.operation.AddressOperations.Unassign;
import io.terway.eni.operation.AddressOutcome;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.LeadershipLost;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One node's pool in ipam-service, as far as the cloud side sees it: orders ENIs and addresses and gives them back, sends
 * an unfinished operation again under its id, and keeps books of what it was told.
 */
final class Customer {

    private final InstanceId node;
    private final VirtualTime.Process time;
    private final Supplier<SimulatedProcess> leader;
    private final Random random;
    /** What we were told we have. */
    final Map<EniId, Set<Ip>> books = new LinkedHashMap<>();
    /** What we no longer use and are giving back: its addresses are nobody's from then on. */
    private final Map<EniId, List<Ip>> leaving = new LinkedHashMap<>();

    /** ENIs that may hold more than we were told: an assign ended without a full answer, and we know that it did. */
    private final Set<EniId> uncertain = new LinkedHashSet<>();

    private final Set<EniId> ending = new LinkedHashSet<>();
    private int operations;
    private boolean open = true;
    boolean idle;

    Customer(String node, VirtualTime.Process time, Supplier<SimulatedProcess> leader, Random random) {
        this.node = new InstanceId(node);
        this.time = time;
        this.leader = leader;
        this.random = random;
    }

    void start() {
        time.start(node.value(), () -> {
            while (open) {
                step();
                time.sleep(Duration.ofMillis(random.nextInt(3_000)));
            }
            idle = true;
        });
    }

    void stop() {
        open = false;
    }

    private void step() {
        List<EniId> mine = List.copyOf(books.keySet());
        if (!ending.isEmpty() && random.nextInt(3) == 0) {
            giveBack(ending.iterator().next());
        } else if (mine.isEmpty() || (mine.size() + ending.size() < 3 && random.nextInt(4) == 0)) {
            order();
        } else {
            EniId eni = mine.get(random.nextInt(mine.size()));
            switch (random.nextInt(5)) {
                case 0 -> giveBack(eni);
                case 1, 2 -> unassign(eni);
                case 3 -> twoAssigns(eni);
                default -> assign(eni);
            }
        }
    }

    private OperationId id() {
        return new OperationId(node + "-" + operations++);
    }

    /** Runs an operation at whoever leads, again under the same id when that one dies on the way. */
    private <T> T run(Function<CloudSide, T> work) {
        while (true) {
            SimulatedProcess at = leader.get();
            CompletableFuture<T> answer = new CompletableFuture<>();
            at.time().start("rpc", () -> {
                try {
                    answer.complete(work.apply(at.side()));
                } catch (LeadershipLost | UncheckedIOException refused) {
                    answer.complete(null);
                }
            });
            T result = time.await(answer, Duration.ofSeconds(200)) ? answer.join() : null;
            if (result != null) {
                return result;
            }
            time.sleep(Duration.ofMillis(500 + random.nextInt(2_000)));
        }
    }

    void order() {
        EniOrder order = new EniOrder(
                id(),
                new Seat.OnInstance(node),
                ModelCloud.V_SWITCHES,
                List.of(new SecurityGroupId("sg-1")),
                AddressCounts.of(random.nextInt(6), 0),
                Map.of(),
                "",
                EniType.SECONDARY);
        EniOutcome outcome = run(side ->
                side.eniOperations().run(order.operation(), again -> side.enis().create(order, again)));
        if (outcome instanceof EniOutcome.Ready(NetworkInterface eni)) {
            books.put(eni.id(), new LinkedHashSet<>(eni.addresses()));
        }
    }

    private void giveBack(EniId eni) {
        books.remove(eni);
        leaving.remove(eni);
        ending.add(eni);
        OperationId id = id();
        EniOutcome outcome =
                run(side -> side.eniOperations().run(id, _ -> side.enis().remove(eni)));
        if (outcome instanceof EniOutcome.Removed) {
            ending.remove(eni);
        }
    }

    /** Two at once for one ENI are joined into a call; after a crash they come back one by one. */
    private void twoAssigns(EniId eni) {
        CompletableFuture<Void> other = new CompletableFuture<>();
        time.start("second", () -> {
            assign(eni);
            other.complete(null);
        });
        assign(eni);
        time.join(other);
    }

    void assign(EniId eni) {
        Assign assign = new Assign(id(), eni, new Counts(1 + random.nextInt(4), 0, 0, 0), List.of());
        AddressOutcome outcome = run(side -> side.addressOperations()
                .run(assign.operation(), _ -> side.addresses().assign(assign)));
        if (outcome instanceof AddressOutcome.Partly) {
            uncertain.add(eni);
        }
        for (Ip ip : outcome.added().addresses()) {
            if (!books.get(eni).add(ip)) {
                throw new AssertionError(ip + " of " + eni + " was given to two operations");
            }
        }
    }

    private void unassign(EniId eni) {
        List<Ip> gone = leaving.containsKey(eni)
                ? leaving.get(eni)
                : books.get(eni).stream().limit(1 + random.nextInt(2)).toList();
        if (gone.isEmpty()) {
            return;
        }
        books.get(eni).removeAll(gone);
        leaving.put(eni, gone);
        OperationId id = id();
        AddressOutcome outcome = run(side ->
                side.addressOperations().run(id, _ -> side.addresses().unassign(new Unassign(eni, gone, List.of()))));
        if (outcome instanceof AddressOutcome.Complete) {
            leaving.remove(eni);
        }
    }

    /** True when these may all be on the ENI, by what we asked for and were told. */
    boolean accountsFor(EniId eni, List<Ip> addresses) {
        if (!books.containsKey(eni) || uncertain.contains(eni)) {
            return true;
        }
        Set<Ip> known = new LinkedHashSet<>(books.get(eni));
        known.addAll(leaving.getOrDefault(eni, List.of()));
        return known.containsAll(addresses);
    }
}
