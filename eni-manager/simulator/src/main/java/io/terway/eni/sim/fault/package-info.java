/** What goes wrong on purpose: seeded rules that decide the fate of each call. Pure. */
package io.terway.eni.sim.fault;
