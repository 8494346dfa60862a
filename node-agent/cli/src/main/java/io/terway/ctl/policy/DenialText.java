package io.terway.ctl.policy;

import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Denials as a table whose columns widen as they must, so that what comes stays aligned with what came. */
final class DenialText implements DenialLines {

    private static final String[] TITLES = {"TIME", "SIDE", "FROM", "TO", "PORT", "DENIED BY", "PACKETS"};
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private final int[] widths = {8, 7, 34, 34, 9, 28, 7};
    private final DateTimeFormatter time;
    private boolean begun;
    private long lines;
    private long packets;
    private long lost;

    DenialText(ZoneId zone) {
        time = TIME.withZone(zone);
    }

    @Override
    public String of(DenialNews news) {
        StringBuilder out = new StringBuilder();
        if (!news.getNode().isEmpty()) {
            begin(news, out);
        }
        for (Denial denial : news.getDenialsList()) {
            row(out, cells(denial));
            lines++;
            packets += denial.getCount();
        }
        if (news.getLost() > 0) {
            out.append("... ")
                    .append(news.getLost())
                    .append(" more were denied than could be shown here; narrow it down with --namespace or --pod\n");
            lost += news.getLost();
        }
        return out.toString();
    }

    private void begin(DenialNews news, StringBuilder out) {
        out.append(begun ? "\nAgain: " : "")
                .append("connections denied on node ")
                .append(OneLine.of(news.getNode()))
                .append(", as it happens; Ctrl-C ends.\n");
        out.append(
                news.getToldPerSecond() == 0
                        ? "This kernel cannot log packets: only requests that the HTTP proxy refuses are shown.\n\n"
                        : "A sample: up to " + news.getToldPerSecond() + " packets a second of each direction.\n\n");
        row(out, TITLES);
        begun = true;
    }

    private String[] cells(Denial denial) {
        return new String[] {
            time.format(Instant.ofEpochMilli(denial.getAtMs())),
            denial.getDirection() == Direction.INGRESS ? "ingress" : "egress",
            denial.getForged() ? forger(denial.getFrom()) : end(denial.getFrom()),
            end(denial.getTo()),
            port(denial),
            OneLine.of(String.join(", ", denial.getPoliciesList())) + (denial.getHttp() ? " (HTTP, 403)" : ""),
            Long.toString(denial.getCount())
        };
    }

    /** What fits the present width is padded; what does not sets a new one. */
    private void row(StringBuilder out, String[] cells) {
        for (int i = 0; i < cells.length; i++) {
            boolean last = i == cells.length - 1;
            widths[i] = Math.max(widths[i], cells[i].length());
            String gap = " ".repeat(widths[i] - cells[i].length());
            out.append(last ? gap + cells[i] + "\n" : cells[i] + gap + "  ");
        }
    }

    private static String end(DenialEnd end) {
        String address = OneLine.of(end.getAddress());
        if (end.hasPod()) {
            return OneLine.of(end.getPod().getNamespace() + "/" + end.getPod().getName()) + " " + address;
        }
        return end.getNode().isEmpty() ? address : "node " + OneLine.of(end.getNode()) + " " + address;
    }

    /** Whoever sent it, and whose address it bore. */
    private static String forger(DenialEnd end) {
        return OneLine.of(end.getPod().getNamespace() + "/" + end.getPod().getName() + " as " + end.getAddress());
    }

    private static String port(Denial denial) {
        String protocol = ProtocolNames.of(denial.getProtocol());
        return denial.getPort() == 0 ? protocol : denial.getPort() + "/" + protocol;
    }

    @Override
    public String end() {
        return "\n" + lines + (lines == 1 ? " line, " : " lines, ") + packets
                + (packets == 1 ? " packet" : " packets")
                + (lost == 0 ? "" : "; " + lost + " more were not shown") + "\n";
    }
}
