package io.terway.ipam.grpc;

import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.Hello;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.ipam.v1.WithdrawAck;
import io.terway.wire.net.v1.EniAddress;
import java.util.List;

/** What no agent says on its stream. */
enum Talk {
    NOTHING_IN_A_MESSAGE(AgentMessage.newBuilder()),
    LEDGER_FIRST(ledger(LedgerPart.newBuilder().setLast(true))),
    ACKNOWLEDGEMENT_FIRST(acknowledged(1)),
    HELLO_TWICE(hello("id"), hello("id")),
    ACKNOWLEDGEMENT_BEFORE_THE_LEDGER(hello("id"), acknowledged(1)),
    LEDGER_TWICE(
            hello("id"),
            ledger(LedgerPart.newBuilder().setLast(true)),
            ledger(LedgerPart.newBuilder().setLast(true))),
    A_LONG_LEDGER_ID(hello("x".repeat(129))),
    A_NUMBER_TO_OVERFLOW(hello("id"), ledger(offered("10.9.9.9", "eni-x", Long.MAX_VALUE))),
    AN_UNREADABLE_ADDRESS(hello("id"), ledger(offered("ten", "eni-x", 1))),
    AN_ACKNOWLEDGEMENT_TO_OVERFLOW(hello("id"), ledger(LedgerPart.newBuilder().setLast(true)), acknowledged(-1)),
    A_LEDGER_WITHOUT_END(endless());

    final List<AgentMessage.Builder> messages;

    Talk(AgentMessage.Builder... messages) {
        this.messages = List.of(messages);
    }

    private static AgentMessage.Builder hello(String ledgerId) {
        return AgentMessage.newBuilder()
                .setHello(Hello.newBuilder()
                        .setNodeName("talker")
                        .setNodeUid("uid-talker")
                        .setInstanceId("i-talker")
                        .setLedgerId(ledgerId)
                        .setBootId("boot")
                        .setZone("cn-hangzhou-h")
                        .setInstanceType("ecs.g7.xlarge")
                        .setRegion("cn-hangzhou"));
    }

    private static AgentMessage.Builder ledger(LedgerPart.Builder part) {
        return AgentMessage.newBuilder().setLedger(part);
    }

    private static AgentMessage.Builder acknowledged(long number) {
        return AgentMessage.newBuilder().setWithdrawAck(WithdrawAck.newBuilder().setNumber(number));
    }

    private static LedgerPart.Builder offered(String address, String eni, long number) {
        return LedgerPart.newBuilder()
                .addOffered(OfferedAddress.newBuilder()
                        .setAddress(EniAddress.newBuilder().setAddress(address).setEniId(eni))
                        .setNumber(number))
                .setLast(true);
    }

    private static AgentMessage.Builder[] endless() {
        AgentMessage.Builder[] talk = new AgentMessage.Builder[12];
        talk[0] = hello("id");
        LedgerPart.Builder part = LedgerPart.newBuilder();
        OfferedAddress entry = offered("10.9.9.9", "eni-x", 1).getOffered(0);
        for (int i = 0; i < 1_000; i++) {
            part.addOffered(entry);
        }
        for (int i = 1; i < talk.length; i++) {
            talk[i] = ledger(part);
        }
        return talk;
    }
}
