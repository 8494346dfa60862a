package io.terway.bench.service;

import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import io.terway.bench.Unmeasurable;
import io.terway.wire.ipam.v1.AllocateResponse;
import io.terway.wire.ipam.v1.ReportResponse;
import io.terway.wire.net.v1.EniAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/** The agents of a cluster, in this process. */
final class Fleet implements AutoCloseable {

    /** Handshakes under way; 2,000 agents do not all dial within the same millisecond either. */
    private static final int DIALLING = 128;

    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final int PING = 10;
    private static final int FIRST_NEW_POD = 10_000_000;

    /** Held, so that its level stays: else every frame is written out for a log that nobody keeps. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    static {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        GRPC.setLevel(Level.WARNING);
    }

    private final List<Agent> agents;
    private final Optional<SslContext> ssl;
    private final AtomicInteger pods = new AtomicInteger(FIRST_NEW_POD);
    private final ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();

    Fleet(Optional<Certificates> certificates, int nodes, int bound, int offered) {
        agents = IntStream.range(0, nodes)
                .mapToObj(number -> new Agent(number, bound, offered))
                .toList();
        ssl = certificates.map(Certificates::client);
        pace.scheduleAtFixedRate(() -> agents.forEach(Agent::ping), PING, PING, TimeUnit.SECONDS);
    }

    /** Connects the first so many agents; seconds until the last one is welcome. */
    double connect(int count, int port, long term) {
        var dialling = new Semaphore(DIALLING);
        var failure = new AtomicReference<Throwable>();
        List<CompletableFuture<Void>> welcomes = new ArrayList<>();
        long start = System.nanoTime();
        for (Agent agent : agents.subList(0, count)) {
            dialling.acquireUninterruptibly();
            welcomes.add(agent.connect("127.0.0.1", port, ssl, term).whenComplete((_, failed) -> {
                failure.compareAndSet(null, failed);
                dialling.release();
            }));
        }
        try {
            CompletableFuture.allOf(welcomes.toArray(CompletableFuture[]::new))
                    .get(LONGEST.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new Unmeasurable("not every agent is welcome: " + failure.get());
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** What a run of pairs gave. */
    record Pairs(double perSecond, List<Double> millis) {}

    /**
     * Pods begin and end on these nodes, one after the other on each: an Allocate and a Report of both, then the next.
     *
     * @param perSecond of all nodes together; 0: as fast as it goes
     */
    Pairs pairs(int nodes, int each, int perSecond) throws InterruptedException {
        var done = new CountDownLatch(nodes);
        List<Double> millis = Collections.synchronizedList(new ArrayList<>());
        var failure = new AtomicReference<String>();
        long start = System.nanoTime();
        for (int node = 0; node < nodes; node++) {
            long step = perSecond == 0 ? 0 : 1_000_000_000L * nodes / perSecond;
            var worker = new Worker(agents.get(node), each, start + step * node / nodes, step, millis, done, failure);
            worker.next();
        }
        if (!done.await(LONGEST.toSeconds(), TimeUnit.SECONDS) || failure.get() != null) {
            throw new Unmeasurable("pairs did not end well: " + failure.get());
        }
        return new Pairs((double) nodes * each / (System.nanoTime() - start) * 1e9, List.copyOf(millis));
    }

    /** One node's pods, one at a time. */
    private final class Worker {

        private final Agent agent;
        private final long first;
        private final long step;
        private final List<Double> millis;
        private final CountDownLatch done;
        private final AtomicReference<String> failure;
        private final int count;
        private int begun;

        Worker(
                Agent agent,
                int count,
                long first,
                long step,
                List<Double> millis,
                CountDownLatch done,
                AtomicReference<String> failure) {
            this.agent = agent;
            this.count = count;
            this.first = first;
            this.step = step;
            this.millis = millis;
            this.done = done;
            this.failure = failure;
        }

        private void next() {
            if (begun == count) {
                done.countDown();
                return;
            }
            // Lateness of ours counts as the service's: an ADD that comes on time waits as long.
            long due = step == 0 ? System.nanoTime() : first + step * begun;
            begun++;
            long wait = due - System.nanoTime();
            if (wait > 0) {
                pace.schedule(() -> allocate(due), wait, TimeUnit.NANOSECONDS);
            } else {
                allocate(due);
            }
        }

        private void allocate(long due) {
            int pod = pods.incrementAndGet();
            agent.allocate(pod, new Answer<AllocateResponse>(this::failed) {
                @Override
                public void onNext(AllocateResponse response) {
                    millis.add((System.nanoTime() - due) / 1e6);
                    if (!response.hasProposal()) {
                        failed(response.toString());
                        return;
                    }
                    EniAddress address = response.getProposal().getAddresses(0);
                    agent.report(pod, address, false, new Answer<ReportResponse>(Worker.this::failed) {
                        @Override
                        public void onNext(ReportResponse acknowledged) {
                            Worker.this.next();
                        }
                    });
                }
            });
        }

        private void failed(String why) {
            failure.set(why);
            done.countDown();
        }
    }

    /** So many pods ask at once, spread over the nodes, and ask again until they have an address; seconds. */
    double exact(int nodes, int requesters) throws InterruptedException {
        var served = new CountDownLatch(requesters);
        var failure = new AtomicReference<String>();
        long start = System.nanoTime();
        for (int pod = 0; pod < requesters; pod++) {
            ask(agents.get(pod % nodes), pod, served, failure);
        }
        if (!served.await(LONGEST.toSeconds(), TimeUnit.SECONDS) || failure.get() != null) {
            throw new Unmeasurable(served.getCount() + " of " + requesters + " requesters got none: " + failure.get());
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** One more than there are addresses; what it is told in the end. */
    String oneMore(int pod) {
        var answer = new CompletableFuture<String>();
        askOneMore(pod, answer);
        return answer.completeOnTimeout("nothing", LONGEST.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private void askOneMore(int pod, CompletableFuture<String> answer) {
        agents.getFirst().allocate(pod, new Answer<AllocateResponse>(answer::complete) {
            @Override
            public void onNext(AllocateResponse response) {
                if (response.hasPending()) {
                    pace.schedule(
                            () -> askOneMore(pod, answer),
                            response.getPending().getRetryAfterMs(),
                            TimeUnit.MILLISECONDS);
                } else {
                    answer.complete(response.toString());
                }
            }
        });
    }

    private void ask(Agent agent, int pod, CountDownLatch served, AtomicReference<String> failure) {
        agent.allocate(pod, new Answer<AllocateResponse>(failure::set) {
            @Override
            public void onNext(AllocateResponse response) {
                switch (response.getOutcomeCase()) {
                    case PROPOSAL -> {
                        synchronized (agent) { // reports of one node in their order
                            agent.report(
                                    pod,
                                    response.getProposal().getAddresses(0),
                                    true,
                                    new Answer<ReportResponse>(failure::set) {
                                        @Override
                                        public void onNext(ReportResponse acknowledged) {
                                            served.countDown();
                                        }
                                    });
                        }
                    }
                    case PENDING ->
                        pace.schedule(
                                () -> ask(agent, pod, served, failure),
                                response.getPending().getRetryAfterMs(),
                                TimeUnit.MILLISECONDS);
                    case REFUSAL, OUTCOME_NOT_SET -> failure.set(response.toString());
                }
            }
        });
    }

    private abstract static class Answer<T> implements StreamObserver<T> {

        private final java.util.function.Consumer<String> failed;

        Answer(java.util.function.Consumer<String> failed) {
            this.failed = failed;
        }

        @Override
        public void onError(Throwable failure) {
            failed.accept(failure.toString());
        }

        @Override
        public void onCompleted() {}
    }

    @Override
    public void close() {
        pace.shutdownNow();
        agents.forEach(Agent::close);
    }
}
