/** The edge: HTTP and WebSocket requests in, JSON, tables and watch streams out. */
package io.terway.lab.api.http;
