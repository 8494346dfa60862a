package io.terway.agent;

import io.terway.agent.IpamModel.Stock;
import io.terway.net.EniId;
import io.terway.wire.net.v1.Attachment;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.EniKind;
import java.util.List;
import java.util.stream.IntStream;

/** A node's ENIs and eight addresses in each mode. */
final class Stocks {

    private static final int COUNT = 8;

    private Stocks() {}

    static Stock of(String mode) {
        return switch (mode) {
            case "ENIIP" -> shared(IpamModel.ENI, Attachment.SHARED);
            case "VPC" ->
                shared(
                        IpamModel.ENI.toBuilder()
                                .setKind(EniKind.PRIMARY)
                                .setPrimary(true)
                                .build(),
                        Attachment.ROUTED);
            case "ENI" -> own(EniKind.SECONDARY, List.of(), Attachment.EXCLUSIVE);
            case "Trunk" ->
                own(
                        EniKind.MEMBER,
                        List.of(IpamModel.ENI.toBuilder().setKind(EniKind.TRUNK).build()),
                        Attachment.TRUNK_MEMBER);
            default -> throw new IllegalArgumentException(mode);
        };
    }

    /** Those whose links a node has before any pod. */
    static List<EniId> plugged(Stock stock) {
        return stock.enis().stream()
                .filter(eni -> eni.getKind() != EniKind.MEMBER)
                .map(eni -> new EniId(eni.getId()))
                .toList();
    }

    private static Stock shared(Eni eni, Attachment attachment) {
        return new Stock(
                List.of(eni),
                IntStream.rangeClosed(1, COUNT)
                        .mapToObj(i -> address("10.0.64." + i, eni))
                        .toList(),
                attachment);
    }

    private static Stock own(EniKind kind, List<Eni> before, Attachment attachment) {
        List<Eni> enis = IntStream.rangeClosed(1, COUNT)
                .mapToObj(i -> IpamModel.ENI.toBuilder()
                        .setId("eni-" + i)
                        .setMac("00:16:3e:00:01:0" + i)
                        .setPrimaryAddress("10.0.64." + i)
                        .setKind(kind)
                        .setVlanId(kind == EniKind.MEMBER ? 100 + i : 0)
                        .setTrunkEniId(kind == EniKind.MEMBER ? IpamModel.ENI.getId() : "")
                        .build())
                .toList();
        return new Stock(
                java.util.stream.Stream.concat(before.stream(), enis.stream()).toList(),
                enis.stream().map(eni -> address(eni.getPrimaryAddress(), eni)).toList(),
                attachment);
    }

    private static EniAddress address(String ip, Eni eni) {
        return EniAddress.newBuilder().setAddress(ip).setEniId(eni.getId()).build();
    }
}
