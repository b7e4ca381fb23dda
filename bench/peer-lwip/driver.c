/*
 * lwIP against itself: two interfaces of one process, whose frames are handed
 * over through a ring, with the loads that `bench/loads.ts` has. Prints a line
 * for each: its name, and what was done in a second of CPU time, several times.
 *
 * Debian's lwIP has its own thread for timers; we hold its lock while we work.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "netif/ethernet.h"

enum { PORT = 9, RING = 1024, BALL = 64, PIPELINED = 64, AT_ONCE = 8, RUNS = 5 };

struct side {
	struct netif netif;
	ip4_addr_t address;
};

static struct side a, b;
static struct { struct pbuf *frame; struct netif *to; } ring[RING];
static unsigned head, tail;
static char block[65536];

static double cpu_seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* The link: a frame is copied, as a device would, and waits for its turn. */
static err_t hand_over(struct netif *netif, struct pbuf *p) {
	if (head - tail == RING) return ERR_MEM;
	struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (copy == NULL) return ERR_MEM;
	ring[head % RING].frame = copy;
	ring[head++ % RING].to = netif == &a.netif ? &b.netif : &a.netif;
	return ERR_OK;
}

static err_t begin_netif(struct netif *netif) {
	netif->name[0] = 'b';
	netif->name[1] = netif == &a.netif ? 'a' : 'b';
	netif->mtu = 1500;
	netif->hwaddr_len = 6;
	memcpy(netif->hwaddr, (u8_t[]){ 2, 0, 0, 0, 0, netif == &a.netif ? 1 : 2 }, 6);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
	netif->output = etharp_output;
	netif->linkoutput = hand_over;
	return ERR_OK;
}

static void add(struct side *side, int last) {
	ip4_addr_t mask, none;
	IP4_ADDR(&side->address, 10, 0, 0, last);
	IP4_ADDR(&mask, 255, 0, 0, 0);
	IP4_ADDR(&none, 0, 0, 0, 0);
	netif_add(&side->netif, &side->address, &mask, &none, NULL, begin_netif, ethernet_input);
	netif_set_up(&side->netif);
}

/* Lets frames cross until a count is reached; 0 where nothing moves any more. */
static int run(const double *count, double until) {
	while (*count < until) {
		if (head == tail) return 0;
		struct pbuf *frame = ring[tail % RING].frame;
		struct netif *to = ring[tail++ % RING].to;
		if (to->input(frame, to) != ERR_OK) pbuf_free(frame);
	}
	return 1;
}

static struct tcp_pcb *new_pcb(struct side *side) {
	struct tcp_pcb *pcb = tcp_new();
	ip_addr_t address;
	ip_addr_copy_from_ip4(address, side->address);
	tcp_bind_netif(pcb, &side->netif);
	tcp_bind(pcb, &address, side == &b ? PORT : 0);
	tcp_nagle_disable(pcb);
	return pcb;
}

static struct tcp_pcb *serve(tcp_accept_fn accepted) {
	struct tcp_pcb *listener = tcp_listen_with_backlog(new_pcb(&b), 255);
	tcp_accept(listener, accepted);
	return listener;
}

static void call(tcp_connected_fn connected, tcp_recv_fn received) {
	struct tcp_pcb *pcb = new_pcb(&a);
	ip_addr_t to;
	ip_addr_copy_from_ip4(to, b.address);
	tcp_recv(pcb, received);
	tcp_connect(pcb, &to, PORT, connected);
}

/* What each load counts. */
static double done;

static void consume(struct tcp_pcb *pcb, struct pbuf *p) {
	tcp_recved(pcb, p->tot_len);
	pbuf_free(p);
}

static void write_all(struct tcp_pcb *pcb, unsigned length) {
	while (length > 0) {
		unsigned part = LWIP_MIN(length, tcp_sndbuf(pcb));
		if (part == 0 || tcp_write(pcb, block, part, TCP_WRITE_FLAG_COPY) != ERR_OK) return;
		length -= part;
	}
	tcp_output(pcb);
}

/* bulk: one side writes what there is room for, the other drinks. */

static err_t pour(void *arg, struct tcp_pcb *pcb, u16_t length) {
	(void)arg; (void)length;
	unsigned room = tcp_sndbuf(pcb);
	if (room >= 8 * TCP_MSS) {
		tcp_write(pcb, block, room, TCP_WRITE_FLAG_COPY);
		tcp_output(pcb);
	}
	return ERR_OK;
}

static err_t poured_open(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)err;
	tcp_sent(pcb, pour);
	return pour(arg, pcb, 0);
}

static err_t drink(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err) {
	(void)arg; (void)err;
	if (p == NULL) return tcp_close(pcb);
	done += p->tot_len;
	consume(pcb, p);
	return ERR_OK;
}

static err_t accept_drinker(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)arg; (void)err;
	tcp_recv(pcb, drink);
	return ERR_OK;
}

/* ping-pong: each answers every 64 octets with 64. */

static int depth;

static err_t answer_ball(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err) {
	(void)err;
	if (p == NULL) return tcp_close(pcb);
	unsigned length = p->tot_len;
	consume(pcb, p);
	if (arg != NULL) done += length / (double)BALL;
	write_all(pcb, length);
	return ERR_OK;
}

static err_t ponged_open(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)arg; (void)err;
	tcp_arg(pcb, &done);
	write_all(pcb, BALL * depth);
	return ERR_OK;
}

static err_t accept_ponger(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)arg; (void)err;
	tcp_arg(pcb, NULL);
	tcp_nagle_disable(pcb);
	tcp_recv(pcb, answer_ball);
	return ERR_OK;
}

/* connections: connect, request, answer, close; the client closes first. */

static err_t ask_open(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)arg; (void)err;
	write_all(pcb, BALL);
	return ERR_OK;
}

static err_t take_answer(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err) {
	(void)arg; (void)err;
	if (p != NULL) {
		consume(pcb, p);
		return tcp_shutdown(pcb, 0, 1);
	}
	tcp_close(pcb);
	done++;
	call(ask_open, take_answer);
	/* No list grows: lwIP walks those of TIME-WAIT, and we do not let ours last either. */
	if ((long)done % 64 == 0) while (tcp_tw_pcbs != NULL) tcp_abort(tcp_tw_pcbs);
	return ERR_OK;
}

static err_t answer(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err) {
	(void)arg; (void)err;
	if (p == NULL) return tcp_close(pcb);
	consume(pcb, p);
	write_all(pcb, BALL);
	return ERR_OK;
}

static err_t accept_answerer(void *arg, struct tcp_pcb *pcb, err_t err) {
	(void)arg; (void)err;
	tcp_recv(pcb, answer);
	return ERR_OK;
}

static void measure(const char *name, double units) {
	if (!run(&done, done + units / 4)) { printf("%s stopped\n", name); return; }
	printf("%s", name);
	for (int i = 0; i < RUNS; i++) {
		double began = cpu_seconds();
		if (!run(&done, done + units)) { printf(" stopped\n"); return; }
		printf(" %.1f", units / (cpu_seconds() - began));
	}
	printf("\n");
	fflush(stdout);
}

/* Resets every connection, so that the next load is alone. */
static void clear(struct tcp_pcb *listener) {
	tcp_close(listener);
	while (tcp_active_pcbs != NULL) tcp_abort(tcp_active_pcbs);
	while (tcp_tw_pcbs != NULL) tcp_abort(tcp_tw_pcbs);
	while (head != tail) pbuf_free(ring[tail++ % RING].frame);
	done = 0;
}

int main(void) {
	struct tcp_pcb *listener;
	tcpip_init(NULL, NULL);
	LOCK_TCPIP_CORE();
	add(&a, 1);
	add(&b, 2);

	listener = serve(accept_drinker);
	call(poured_open, drink);
	measure("bulk", 400e6);
	clear(listener);

	for (depth = 1; depth <= PIPELINED; depth += PIPELINED - 1) {
		listener = serve(accept_ponger);
		call(ponged_open, answer_ball);
		measure(depth == 1 ? "ping-pong" : "pipelined", depth == 1 ? 100e3 : 1e6);
		clear(listener);
	}

	listener = serve(accept_answerer);
	for (int i = 0; i < AT_ONCE; i++) call(ask_open, take_answer);
	measure("connections", 20e3);
	printf("pcb %zu\n", sizeof(struct tcp_pcb));
	return 0;
}
