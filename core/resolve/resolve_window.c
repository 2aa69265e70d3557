#include "resolve_net_priv.h"

/* How many questions are on their way at a time, and which waits. */

enum { PARKED_PER_WINDOW = 4, PACE_SLACK_US = 20000 };
enum { WINDOW_LEAST = 16, WINDOW_SAMPLE = 128, WINDOW_LOSS = 50 /* one in */ };

void resolve_queue_put(struct resolve_queue *queue, struct resolve_lookup *lookup)
{
	if (queue->first == NULL)
		queue->end = &queue->first;
	lookup->next = NULL;
	*queue->end = lookup;
	queue->end = &lookup->next;
	queue->n++;
}

struct resolve_lookup *resolve_queue_take(struct resolve_queue *queue)
{
	struct resolve_lookup *lookup = queue->first;
	if (lookup != NULL) {
		queue->first = lookup->next;
		queue->n--;
	}
	return lookup;
}

/* The window (notes/dns.md 4): open by one for each reply, half as wide when one try in 50 is lost. */

static void window_sample(struct resolve_net *net)
{
	if (++net->sample < WINDOW_SAMPLE)
		return;
	if (net->sample_lost * WINDOW_LOSS > net->sample && net->window / 2 >= WINDOW_LEAST)
		net->window /= 2;
	net->sample = net->sample_lost = 0;
}

void resolve_window_reply(struct resolve_net *net)
{
	if (net->window < net->config.in_flight)
		net->window++;
	window_sample(net);
}

void resolve_window_lost(struct resolve_net *net)
{
	net->sample_lost++;
	window_sample(net);
}

/* A question that a server was silent on burdens nobody: up to a number, such ones stand beside the window. */
void resolve_lookup_park(struct resolve_lookup *lookup)
{
	struct resolve_net *net = lookup->net;
	if (lookup->parked || net->parked >= net->config.in_flight * PARKED_PER_WINDOW)
		return;
	lookup->parked = true;
	net->parked++;
	net->on_way--;
}

/* --qps: when the next question may go out; a timer wakes us then. */
static bool paced(struct resolve_net *net)
{
	if (net->config.qps == 0)
		return true;
	int64_t now = resolve_now_us(net);
	if (now < net->next_us) {
		net_timer_set(net->loop, &net->pace, (net->next_us + 999) / 1000);
		return false;
	}
	net->next_us = (net->next_us < now - PACE_SLACK_US ? now - PACE_SLACK_US : net->next_us) +
		       1000000 / net->config.qps;
	return true;
}

void resolve_start_waiting(struct resolve_net *net)
{
	while (net->waiting.n > 0 && net->on_way < net->window && paced(net)) {
		net->on_way++;
		resolve_lookup_start(resolve_queue_take(&net->waiting));
	}
}

void resolve_pace_fire(struct net_timer *timer)
{
	resolve_deliver((struct resolve_net *)(void *)((char *)timer - offsetof(struct resolve_net, pace)));
}
