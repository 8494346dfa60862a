package io.terway.agent.http;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes responses of HTTP/1; one to HEAD has no body whatever its headers say. */
final class ResponseEncoder extends HttpResponseEncoder {

    private boolean head;

    /** @param isHead whether the next response answers HEAD */
    void answers(boolean isHead) {
        head = isHead;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return head || super.isContentAlwaysEmpty(response);
    }
}
