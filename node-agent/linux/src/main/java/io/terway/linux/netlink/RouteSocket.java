package io.terway.linux.netlink;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsFd;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Talks to one network namespace's routing subsystem: that of the thread that opened it, for life, whoever uses it
 * later. One thread at a time; opening one costs some microseconds, so parallel work opens its own. Calls block in the
 * kernel and pin a virtual thread's carrier: run them on a platform thread.
 */
public final class RouteSocket implements AutoCloseable {

    /** Messages per system call: the refusal of every one must fit the default receive buffer. */
    static final int BATCH = 64;

    /** A dump that the kernel reports as torn is repeated this often. */
    private static final int DUMP_ATTEMPTS = 8;

    private static final Reply DONE = new Reply.Done();

    private final NetlinkChannel channel;
    private int sequence;

    private RouteSocket(NetlinkChannel channel) {
        this.channel = channel;
    }

    /** Opens one in the calling thread's namespace. */
    public static RouteSocket open() {
        return new RouteSocket(NetlinkChannel.open(0));
    }

    /** Opens one in the namespace at {@code netns}. */
    public static RouteSocket open(Path netns) {
        return NetnsThread.call(netns, RouteSocket::open);
    }

    /**
     * Sends all requests, up to {@link #BATCH} per system call, and returns one reply each, in order. The kernel goes on
     * after a refusal; there is no transaction.
     */
    public List<Reply> send(List<Request> requests) {
        List<Reply> replies = new ArrayList<>(requests.size());
        for (int from = 0; from < requests.size(); from += BATCH) {
            replies.addAll(sendBatch(requests.subList(from, Math.min(from + BATCH, requests.size()))));
        }
        return replies;
    }

    /**
     * Sends all requests.
     *
     * @throws KernelRefusal of the first that was refused; the others have been tried
     */
    public void execute(List<Request> requests) {
        for (Reply reply : send(requests)) {
            if (reply instanceof Reply.Refused refused) {
                throw refused.asException();
            }
        }
    }

    public void execute(Request... requests) {
        execute(Arrays.asList(requests));
    }

    /** Sends a request of {@link Links} that makes a link, and returns the link. */
    public Link create(Request request) {
        return switch (send(List.of(request)).getFirst()) {
            case Reply.Created(Link link) -> link;
            case Reply.Done() -> made(request);
            case Reply.Refused refused -> throw refused.asException();
        };
    }

    /** Kernels before 6.2 do not echo what they made. */
    private Link made(Request request) {
        if (request.makes().isEmpty()) {
            throw new IllegalArgumentException(request + " makes no link in this namespace");
        }
        return link(request.makes()).orElseThrow(() -> new KernelRefusal(request.what(), Errno.ENODEV, ""));
    }

    public Optional<Link> link(String name) {
        return one(Links.get(name));
    }

    public Optional<Link> link(int ifindex) {
        return one(Links.get(ifindex));
    }

    public List<Link> links() {
        return dump(Links.dump(), Links.RTM_NEWLINK, Link::decode);
    }

    /** The addresses of one link, of both families; of all links when {@code ifindex} is 0. */
    public List<Address> addresses(int ifindex) {
        return Arrays.stream(Family.values())
                .flatMap(f -> dump(Address.dump(f, ifindex), Address.RTM_NEWADDR, Address::decode).stream())
                .toList();
    }

    /** None where a table was never used, which then does not exist, or a link is gone. */
    public List<Route> routes(RouteFilter filter) {
        return orNone(() -> dump(Route.dump(filter), Route.RTM_NEWROUTE, Route::decode), Errno.ENOENT, Errno.ENODEV)
                .stream()
                .filter(filter::accepts)
                .toList();
    }

    public List<Rule> rules(Family family) {
        return dump(Rule.dump(family), Rule.RTM_NEWRULE, Rule::decode);
    }

    /** The neighbours on one link, of both families; on all links when {@code ifindex} is 0. */
    public List<Neighbour> neighbours(int ifindex) {
        return dump(Neighbour.dump(ifindex), Neighbour.RTM_NEWNEIGH, Neighbour::decode);
    }

    /** The number by which this namespace knows another from now on, as {@link RouteMonitor.Seen} tells it. */
    public int number(NetnsFd netns) {
        execute(Nsids.assign(netns));
        Request get = Nsids.get(netns);
        NlMessage answer = ask(get, Nsids.RTM_NEWNSID);
        if (answer.type() == NlMessage.NLMSG_ERROR) {
            throw new KernelRefusal(get.what(), answer.errno(), answer.text());
        }
        return Nsids.decode(answer.reader());
    }

    /** Where a packet goes that comes in by this link; empty when the kernel would not take it, or has no route. */
    public Optional<Way> way(Ip from, Ip to, int ifindex) {
        NlMessage answer = ask(Way.get(from, to, ifindex), Route.RTM_NEWROUTE);
        return answer.type() == NlMessage.NLMSG_ERROR ? Optional.empty() : Optional.of(Way.decode(answer.reader()));
    }

    /** The one answer of this type, or the error that came instead. */
    private NlMessage ask(Request get, int type) {
        ByteBuffer out = ByteBuffer.allocate(NlMessage.HEADER + get.length()).order(ByteOrder.nativeOrder());
        NlMessage.write(out, get, get.flags() & ~Request.NLM_F_ACK, ++sequence);
        channel.send(out, get.what());
        while (true) {
            for (NlMessage message : channel.receive(get.what())) {
                if (message.sequence() == sequence
                        && (message.type() == type || message.type() == NlMessage.NLMSG_ERROR)) {
                    return message;
                }
            }
        }
    }

    /** The bpf programs at one hook of a link; none when it has no hooks. */
    public List<BpfFilter> filters(int ifindex, BpfFilter.Hook hook) {
        return orNone(
                () -> dump(BpfFilter.dump(ifindex, hook), BpfFilter.RTM_NEWTFILTER, in -> BpfFilter.decode(in, hook)),
                Errno.EINVAL,
                Errno.ENODEV);
    }

    /** Where what a link receives is led by us. */
    public List<IngressRedirect> redirects(int ifindex) {
        return orNone(
                () -> dump(IngressRedirect.dump(ifindex), IngressRedirect.RTM_NEWTFILTER, IngressRedirect::decode),
                Errno.EINVAL,
                Errno.ENODEV);
    }

    /** Nothing where the kernel says by one of these that what is asked about does not exist. */
    private static <T> List<T> orNone(Supplier<List<T>> dump, Errno... absent) {
        try {
            return dump.get();
        } catch (KernelRefusal e) {
            if (List.of(absent).contains(e.errno())) {
                return List.of();
            }
            throw e;
        }
    }

    public List<Queue> queues(int ifindex) {
        return dump(Queue.dump(ifindex), Queue.RTM_NEWQDISC, Queue::decode).stream()
                .filter(queue -> queue.ifindex() == ifindex)
                .toList();
    }

    /** Queues of ours on all links. */
    public List<TokenBucket> tokenBuckets() {
        return dump(TokenBucket.dump(), TokenBucket.RTM_NEWQDISC, TokenBucket::decode).stream()
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void close() {
        channel.close();
    }

    private Optional<Link> one(Request get) {
        return switch (send(List.of(get)).getFirst()) {
            case Reply.Created(Link link) -> Optional.of(link);
            case Reply.Done() -> Optional.empty();
            case Reply.Refused refused -> {
                if (refused.errno().equals(Errno.ENODEV)) {
                    yield Optional.empty();
                }
                throw refused.asException();
            }
        };
    }

    /**
     * Only the last message asks for an acknowledgement: the kernel works in order and reports refusals unasked, so
     * what was not refused when that one arrives was done.
     */
    private List<Reply> sendBatch(List<Request> batch) {
        int bytes = batch.stream().mapToInt(r -> NlMessage.HEADER + r.length()).sum();
        ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        int first = sequence + 1;
        for (Request request : batch) {
            boolean last = ++sequence == first + batch.size() - 1;
            NlMessage.write(out, request, last ? request.flags() : request.flags() & ~Request.NLM_F_ACK, sequence);
        }
        channel.send(out, batch.getFirst().what());
        Reply[] replies = new Reply[batch.size()];
        boolean acknowledged = false;
        while (!acknowledged) {
            for (NlMessage message : channel.receive(batch.getFirst().what())) {
                int at = message.sequence() - first;
                if (at < 0 || at >= replies.length) {
                    continue;
                }
                if (message.type() == NlMessage.NLMSG_ERROR) {
                    acknowledged |= at == replies.length - 1;
                    replies[at] = reply(batch.get(at), message, replies[at]);
                } else if (message.type() == Links.RTM_NEWLINK) {
                    replies[at] = new Reply.Created(Link.decode(message.reader()));
                }
            }
        }
        return Arrays.stream(replies).map(r -> r == null ? DONE : r).toList();
    }

    private static Reply reply(Request request, NlMessage ack, Reply before) {
        if (ack.error() != 0 && !request.welcomes(ack.errno())) {
            return new Reply.Refused(request.what(), ack.errno(), ack.text());
        }
        return before != null ? before : DONE;
    }

    private <T> List<T> dump(Request request, int type, Function<ByteBuffer, T> decode) {
        for (int attempt = 1; attempt < DUMP_ATTEMPTS; attempt++) {
            Optional<List<T>> whole = dumpOnce(request, type, decode);
            if (whole.isPresent()) {
                return whole.get();
            }
        }
        throw new KernelRefusal(request.what(), Errno.EAGAIN, "it changed during each of " + DUMP_ATTEMPTS + " reads");
    }

    /** Empty when the kernel says that the table changed meanwhile. */
    private <T> Optional<List<T>> dumpOnce(Request request, int type, Function<ByteBuffer, T> decode) {
        ByteBuffer out =
                ByteBuffer.allocate(NlMessage.HEADER + request.length()).order(ByteOrder.nativeOrder());
        NlMessage.write(out, request, request.flags(), ++sequence);
        channel.send(out, request.what());
        List<T> found = new ArrayList<>();
        boolean torn = false;
        while (true) {
            for (NlMessage message : channel.receive(request.what())) {
                if (message.sequence() != sequence) {
                    continue;
                }
                torn |= (message.flags() & NlMessage.NLM_F_DUMP_INTR) != 0;
                if (message.type() == NlMessage.NLMSG_DONE || message.type() == NlMessage.NLMSG_ERROR) {
                    if (message.error() != 0) {
                        throw new KernelRefusal(request.what(), message.errno(), message.text());
                    }
                    return torn ? Optional.empty() : Optional.of(found);
                }
                T value = message.type() == type ? decode.apply(message.reader()) : null;
                if (value != null) {
                    found.add(value);
                }
            }
        }
    }
}
