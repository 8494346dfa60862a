package io.terway.lab.e2e;

import io.grpc.StatusRuntimeException;
import io.terway.link.LeaderChannel;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.EniManagerGrpc.EniManagerBlockingStub;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.UnassignRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What ipam-service does for one ENI: creates it, gives it addresses, takes some back. Each operation is sent again under its id
 * until it is answered, to whoever leads then.
 */
final class EniCustomer implements Callable<Void> {
    private static final int CREATED_WITH = 3;
    private static final int ASSIGNS = 3;
    private static final int EACH = 4;
    private static final long PATIENCE_SECONDS = 120;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final LeaderChannel leader;
    private final int node;
    private final Set<String> addresses = new HashSet<>();
    private String eni;
    private volatile int steps;

    EniCustomer(LeaderChannel leader, int node) {
        this.leader = leader;
        this.node = node;
    }

    /** Blocks until all of them together have done this many operations. */
    static void awaitSteps(List<EniCustomer> customers, int wanted) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (customers.stream().mapToInt(customer -> customer.steps).sum() < wanted) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("fewer than " + wanted + " operations are done");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public Void call() {
        create();
        for (int i = 0; i < ASSIGNS; i++) {
            assign();
        }
        unassign(addresses.iterator().next());
        return null;
    }

    private void create() {
        CreateEniRequest order = CreateEniRequest.newBuilder()
                .setOperationId(operation())
                .setInstanceId(instance())
                .addVSwitchIds(node % 2 == 1 ? "vsw-bp1pod-h" : "vsw-bp1pod-i")
                .addSecurityGroupIds("sg-bp1lab")
                .setIpv4Count(CREATED_WITH)
                .build();
        EniOutcome outcome = answered(stub -> stub.createEni(order), EniOutcome::hasFailure);
        eni = outcome.getEni().getEni().getId();
        addresses.addAll(outcome.getEni().getAddressesList());
        steps++;
    }

    private void assign() {
        AssignRequest order = AssignRequest.newBuilder()
                .setOperationId(operation())
                .setInstanceId(instance())
                .setEniId(eni)
                .setIpv4Count(EACH)
                .build();
        AddressesOutcome outcome = answered(stub -> stub.assignAddresses(order), AddressesOutcome::hasFailure);
        if (outcome.getAddressesCount() != EACH) {
            throw new AssertionError(EACH + " addresses were asked for, not " + outcome.getAddressesList());
        }
        addresses.addAll(outcome.getAddressesList());
        steps++;
    }

    private void unassign(String address) {
        UnassignRequest order = UnassignRequest.newBuilder()
                .setOperationId(operation())
                .setInstanceId(instance())
                .setEniId(eni)
                .addAddresses(address)
                .build();
        answered(stub -> stub.unassignAddresses(order), Outcome::hasFailure);
        addresses.remove(address);
        steps++;
    }

    private <T> T answered(Function<EniManagerBlockingStub, T> call, Predicate<T> failed) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String last = "nobody leads";
        while (System.nanoTime() < deadline) {
            try {
                var channel = leader.current();
                if (channel.isPresent()) {
                    T outcome = call.apply(
                            EniManagerGrpc.newBlockingStub(channel.get()).withDeadlineAfter(20, TimeUnit.SECONDS));
                    if (!failed.test(outcome)) {
                        return outcome;
                    }
                    last = outcome.toString();
                }
            } catch (StatusRuntimeException e) {
                last = e.getMessage();
            }
            leader.refresh();
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new AssertionError("an operation on node " + node + " is not done: " + last);
    }

    private static String operation() {
        return UUID.randomUUID().toString();
    }

    private String instance() {
        return "i-bp1node%05d".formatted(node);
    }

    String eni() {
        return eni;
    }

    Set<String> addresses() {
        return addresses;
    }
}
