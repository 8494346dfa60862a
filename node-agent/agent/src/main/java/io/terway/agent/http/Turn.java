package io.terway.agent.http;

import io.terway.node.http.Request;

/** A request that was accepted, and how far it and its response are. On its channel's event loop. */
final class Turn {

    final Request request;

    /** The client asks to leave HTTP for a websocket. */
    final boolean websocket;

    /** The client's connection ends with the response. */
    boolean last;

    boolean requestEnded;
    boolean responseBegun;

    Turn(Request request, boolean websocket, boolean last) {
        this.request = request;
        this.websocket = websocket;
        this.last = last;
    }

    boolean isHead() {
        return request.method().equals("HEAD");
    }
}
