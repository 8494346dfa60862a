/** Which pods' packets go first where a link is full. */
package io.terway.node.priority;
