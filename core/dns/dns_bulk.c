#include "dns_bulk.h"

#include <stdlib.h>

#include "base_vec.h"

/* A question of a task: asked once, then remembered. */
struct memo {
	struct dns_ask ask;
	struct dns_bulk_state *state;
	struct memo *next;
	struct dns_question question;
	struct dns_answer answer;
	bool there;
};

struct dns_bulk_state {
	struct dns_resolver resolver; /* what the task sees */
	struct dns_bulk *bulk;
	struct dns_task *task;
	struct arena memory, scratch;
	struct memo *memos;
	unsigned pending, runs;
	bool running; /* inside task->run */
	bool missed;  /* this run was told "pending" */
	struct dns_bulk_state *next, **link;
};

struct dns_bulk {
	struct dns_resolver *inner;
	struct dns_bulk_state *states, *ready, *spare;
	size_t n, max;
};

static struct dns_bulk_state *state_of(struct dns_resolver *resolver)
{
	return (struct dns_bulk_state *)(void *)((char *)resolver - offsetof(struct dns_bulk_state, resolver));
}

static void enlist(struct dns_bulk_state **list, struct dns_bulk_state *state)
{
	state->link = list;
	state->next = *list;
	if (*list != NULL)
		(*list)->link = &state->next;
	*list = state;
}

static void delist(struct dns_bulk_state *state)
{
	*state->link = state->next;
	if (state->next != NULL)
		state->next->link = state->link;
}

static struct memo *memo_find(struct dns_bulk_state *state, const struct dns_question *question)
{
	struct memo *memo = state->memos;
	while (memo != NULL && (memo->question.type != question->type || memo->question.flags != question->flags ||
				!dname_eq(memo->question.name, question->name)))
		memo = memo->next;
	return memo;
}

static void memo_done(struct dns_ask *ask, const struct dns_answer *answer)
{
	struct memo *memo = (struct memo *)(void *)ask;
	struct dns_bulk_state *state = memo->state;
	memo->answer = dns_answer_copy(&state->memory, answer);
	memo->there = true;
	if (--state->pending == 0 && !state->running) {
		delist(state);
		enlist(&state->bulk->ready, state);
	}
}

static struct memo *memo_new(struct dns_bulk_state *state, const struct dns_question *question)
{
	struct memo *memo = arena_new(&state->memory, struct memo);
	memo->ask.done = memo_done;
	memo->state = state;
	memo->question = *question;
	memo->question.name = dname_copy(&state->memory, question->name);
	memo->next = state->memos;
	state->memos = memo;
	state->pending++;
	dns_ask(state->bulk->inner, *question, &memo->ask);
	return memo;
}

static void bulk_query(struct dns_resolver *resolver, struct arena *arena, const struct dns_question *question,
		       struct dns_answer *out)
{
	struct dns_bulk_state *state = state_of(resolver);
	struct memo *memo = memo_find(state, question);
	if (memo == NULL && state->runs < DNS_BULK_RUNS_MAX)
		memo = memo_new(state, question);
	if (memo != NULL && memo->there) {
		*out = memo->answer; /* it lives as long as the task does */
		return;
	}
	*out = dns_answer_temp(dname_copy(arena, question->name), memo == NULL ? DNS_CAUSE_LIMIT : DNS_CAUSE_PENDING);
	state->missed |= memo != NULL;
}

static void bulk_ask(struct dns_resolver *resolver, const struct dns_question *question, struct dns_ask *ask)
{
	struct arena arena;
	arena_init(&arena);
	struct dns_answer answer;
	bulk_query(resolver, &arena, question, &answer);
	ask->done(ask, &answer);
	arena_done(&arena);
}

static void bulk_prefetch(struct dns_resolver *resolver, const struct dns_question *questions, size_t n)
{
	dns_prefetch(state_of(resolver)->bulk->inner, questions, n);
}

static struct dns_bulk_state *state_new(struct dns_bulk *bulk, struct dns_task *task)
{
	static const struct dns_ops ops = { .query = bulk_query, .ask = bulk_ask, .prefetch = bulk_prefetch };
	struct dns_bulk_state *state = bulk->spare;
	if (state != NULL) {
		delist(state);
	} else {
		state = calloc(1, sizeof *state);
		if (state == NULL)
			base_out_of_memory();
	}
	*state = (struct dns_bulk_state){
		.resolver.ops = &ops, .bulk = bulk, .task = task, .memory = state->memory, .scratch = state->scratch
	};
	task->state = state;
	enlist(&bulk->states, state);
	bulk->n++;
	return state;
}

static void state_over(struct dns_bulk_state *state)
{
	struct dns_bulk *bulk = state->bulk;
	struct dns_task *task = state->task;
	bulk->n--;
	for (struct memo *memo = state->memos; memo != NULL; memo = memo->next)
		if (!memo->there)
			dns_cancel(bulk->inner, &memo->ask);
	delist(state);
	task->state = NULL;
	task->over(task);
	arena_reset(&state->memory);
	arena_reset(&state->scratch);
	enlist(&bulk->spare, state);
}

/* Runs until an answer is missing that is not there, or the task is over. */
static void state_run(struct dns_bulk_state *state)
{
	do {
		arena_reset(&state->scratch);
		state->missed = false;
		state->runs++;
		state->running = true;
		state->task->run(state->task, &state->resolver, &state->scratch);
		state->running = false;
	} while (state->missed && state->pending == 0);
	if (!state->missed)
		state_over(state);
}

/* The resolver has nothing on its way and yet somebody waits: it broke. Better an answer than waiting for ever. */
static void break_off(struct dns_bulk *bulk)
{
	for (struct dns_bulk_state *state = bulk->states, *next; state != NULL; state = next) {
		next = state->next;
		for (struct memo *memo = state->memos; memo != NULL; memo = memo->next)
			if (!memo->there) {
				struct dns_answer answer = dns_answer_temp(memo->question.name, DNS_CAUSE_NETWORK);
				dns_cancel(bulk->inner, &memo->ask);
				memo_done(&memo->ask, &answer);
			}
	}
}

/* Lets answers come, and runs whom they make ready. */
static void turn(struct dns_bulk *bulk)
{
	if (!dns_wait(bulk->inner) && bulk->ready == NULL)
		break_off(bulk);
	for (struct dns_bulk_state *state; (state = bulk->ready) != NULL;) {
		delist(state);
		enlist(&bulk->states, state);
		state_run(state);
	}
}

struct dns_bulk *dns_bulk_open(struct dns_resolver *inner, size_t tasks_max)
{
	struct dns_bulk *bulk = calloc(1, sizeof *bulk);
	if (bulk == NULL)
		base_out_of_memory();
	bulk->inner = inner;
	bulk->max = tasks_max == 0 ? 1 : tasks_max;
	return bulk;
}

void dns_bulk_start(struct dns_bulk *bulk, struct dns_task *task)
{
	while (bulk->n >= bulk->max)
		turn(bulk);
	state_run(state_new(bulk, task));
}

void dns_bulk_finish(struct dns_bulk *bulk)
{
	while (bulk->n > 0)
		turn(bulk);
}

size_t dns_bulk_running(const struct dns_bulk *bulk) { return bulk->n; }

static void states_free(struct dns_bulk *bulk, struct dns_bulk_state *states)
{
	for (struct dns_bulk_state *state = states, *next; state != NULL; state = next) {
		next = state->next;
		for (struct memo *memo = state->memos; memo != NULL; memo = memo->next)
			if (!memo->there)
				dns_cancel(bulk->inner, &memo->ask);
		arena_done(&state->memory);
		arena_done(&state->scratch);
		free(state);
	}
}

void dns_bulk_close(struct dns_bulk **bulk)
{
	if (*bulk == NULL)
		return;
	states_free(*bulk, (*bulk)->states);
	states_free(*bulk, (*bulk)->ready);
	states_free(*bulk, (*bulk)->spare);
	free(*bulk);
	*bulk = NULL;
}
