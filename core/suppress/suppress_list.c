#include "suppress_list.h"

#include "base_num.h"
#include "base_show.h"
#include "base_time.h"

static const char header[] = "address\tstate\treason\tcategory\tfirst\tlast\tcount\texpires\tsource\n";

enum column { C_ADDRESS, C_STATE, C_REASON, C_CATEGORY, C_FIRST, C_LAST, C_COUNT, C_EXPIRES, C_SOURCE, C_COLUMNS };

void suppress_list_init(struct suppress_list *list, struct arena *arena, uint64_t seed)
{
	list->arena = arena;
	map_init(&list->entries, arena, seed, true);
}

static struct suppress_entry *entry_of(struct suppress_list *list, struct view address)
{
	struct suppress_entry *entry = map_get(&list->entries, address);
	if (entry != NULL)
		return entry;
	entry = arena_new(list->arena, struct suppress_entry);
	entry->address = arena_view(list->arena, address);
	*map_put(&list->entries, entry->address) = entry;
	return entry;
}

static bool parse_time(struct view cell, int64_t *out)
{
	*out = 0;
	return cell.n == 0 || base_time_parse(cell, out);
}

static bool parse_cells(struct suppress_list *list, const struct view cells[C_COLUMNS])
{
	struct suppress_entry *entry = entry_of(list, cells[C_ADDRESS]);
	entry->state = view_is(cells[C_STATE], "counting") ? SUPPRESS_COUNTING : SUPPRESS_ACTIVE;
	entry->reason = arena_view(list->arena, cells[C_REASON]);
	entry->category = arena_view(list->arena, cells[C_CATEGORY]);
	entry->source = arena_view(list->arena, cells[C_SOURCE]);
	entry->count = 1;
	bool known = cells[C_STATE].n == 0 || view_is(cells[C_STATE], "counting") ||
		     view_is(cells[C_STATE], "suppressed");
	return known && parse_time(cells[C_FIRST], &entry->first_s) && parse_time(cells[C_LAST], &entry->last_s) &&
	       parse_time(cells[C_EXPIRES], &entry->expires_s) &&
	       (cells[C_COUNT].n == 0 || num_parse_uint(cells[C_COUNT], UINT64_MAX, &entry->count));
}

/* An address or @domain that can stand in a line and be read back. */
static bool is_key(struct view v)
{
	return view_has_byte(v, '@') && v.n <= 512 && !view_has_ctl(v) && !view_has_byte(v, ' ') &&
	       view_at(v, 0) != '#';
}

enum err suppress_list_parse(struct suppress_list *list, struct view text, struct diag *diag)
{
	struct view line;
	for (unsigned number = 1; view_next_line(&text, &line); number++) {
		if (view_trim(line).n == 0 || view_at(line, 0) == '#' || view_starts(line, VIEW("address\t")))
			continue;
		if (line.n > SUPPRESS_LINE_MAX || list->entries.n >= SUPPRESS_ENTRIES_MAX)
			return diag_at(diag, ERR_LIMIT, number, 1,
				       "line %u: longer than %d octets, or more than %d lines", number,
				       SUPPRESS_LINE_MAX, SUPPRESS_ENTRIES_MAX);
		struct view cells[C_COLUMNS] = { { 0 } };
		struct view rest = line;
		for (size_t i = 0; i < C_COLUMNS && rest.p != NULL; i++)
			cells[i] = view_trim(view_cut(&rest, '\t'));
		if (!is_key(cells[C_ADDRESS]) || !parse_cells(list, cells))
			return diag_at(diag, ERR_SYNTAX, number, 1,
				       "line %u: not a line of a suppression list (an address, or the columns that "
				       "bounce-parse --suppress writes): %s",
				       number, SHOW(line));
	}
	return ERR_OK;
}

static void put_time(struct buf *out, int64_t at_s)
{
	char text[BASE_TIME_MAX];
	if (at_s != 0) {
		base_time_rfc3339(at_s, text);
		buf_str(out, text);
	}
	buf_byte(out, '\t');
}

static void put_cell(struct buf *out, struct view cell, int end)
{
	for (size_t i = 0; i < cell.n; i++) {
		int c = view_at(cell, i);
		buf_byte(out, c < 0x20 || c == 0x7f ? ' ' : c);
	}
	buf_byte(out, end);
}

void suppress_list_write(const struct suppress_list *list, int64_t now_s, struct buf *out)
{
	buf_str(out, header);
	for (size_t i = 0; i < list->entries.n; i++) {
		const struct suppress_entry *entry = list->entries.entries[i].value;
		if (entry->expires_s != 0 && entry->expires_s <= now_s)
			continue;
		put_cell(out, entry->address, '\t');
		buf_str(out, entry->state == SUPPRESS_COUNTING ? "counting\t" : "suppressed\t");
		put_cell(out, entry->reason, '\t');
		put_cell(out, entry->category, '\t');
		put_time(out, entry->first_s);
		put_time(out, entry->last_s);
		buf_printf(out, "%llu\t", (unsigned long long)entry->count);
		put_time(out, entry->expires_s);
		put_cell(out, entry->source, '\n');
	}
}

static const struct suppress_entry *active(const struct suppress_list *list, struct view key, int64_t now_s)
{
	const struct suppress_entry *entry = map_get(&list->entries, key);
	bool holds = entry != NULL && entry->state == SUPPRESS_ACTIVE &&
		     (entry->expires_s == 0 || entry->expires_s > now_s);
	return holds ? entry : NULL;
}

const struct suppress_entry *suppress_list_find(const struct suppress_list *list, struct view address, int64_t now_s)
{
	const struct suppress_entry *own = active(list, address, now_s);
	if (own != NULL)
		return own;
	size_t at = SIZE_MAX;
	for (size_t i = 0; i < address.n; i++)
		if (address.p[i] == '@')
			at = i;
	return at == SIZE_MAX ? NULL : active(list, view_from(address, at), now_s);
}

struct suppress_policy suppress_policy_default(void)
{
	return (struct suppress_policy){ .hard = { 1, 0 },
					 .soft = { 5, INT64_C(30) * 86400 },
					 .complaint = { 1, 0 },
					 .disabled = { 3, INT64_C(30) * 86400 } };
}

static bool parse_rule(struct view text, struct suppress_rule *out)
{
	struct view window = text;
	struct view count = view_cut(&window, '/');
	uint64_t ms = 0;
	if (window.p != NULL && !num_parse_duration_ms(window, UINT64_C(3650) * 86400000, &ms))
		return false;
	out->window_s = (int64_t)(ms / 1000);
	return num_parse_uint(count, 1000000, &out->count);
}

enum err suppress_policy_parse(struct view text, struct suppress_policy *policy, struct diag *diag)
{
	const struct {
		const char *name;
		struct suppress_rule *rule;
	} names[] = { { "hard", &policy->hard },
		      { "soft", &policy->soft },
		      { "complaint", &policy->complaint },
		      { "disabled", &policy->disabled } };
	while (text.p != NULL) {
		struct view value = view_trim(view_cut(&text, ','));
		struct view piece = value;
		struct view name = view_cut(&value, '=');
		size_t i = 0;
		while (i < ARRAY_LEN(names) && !view_is_case(name, names[i].name))
			i++;
		if (i == ARRAY_LEN(names) || value.p == NULL || !parse_rule(value, names[i].rule))
			return diag_set(
				diag, ERR_SYNTAX,
				"\"%s\" is no policy; write for example hard=1,soft=5/30d,complaint=1,disabled=3/30d",
				SHOW(piece));
	}
	return ERR_OK;
}

bool suppress_list_add(struct suppress_list *list, const struct suppress_policy *policy,
		       const struct suppress_event *event)
{
	if (event->rule->count == 0 || !is_key(event->address))
		return false;
	struct suppress_entry *entry = entry_of(list, event->address);
	bool fresh = entry->count == 0;
	bool was = !fresh && entry->state == SUPPRESS_ACTIVE &&
		   (entry->expires_s == 0 || entry->expires_s > event->at_s);
	bool apart = event->rule->window_s > 0 && event->at_s - entry->last_s > event->rule->window_s;
	if (fresh || (!was && apart)) {
		entry->count = 0;
		entry->first_s = event->at_s;
		entry->state = SUPPRESS_COUNTING;
	}
	entry->count++;
	entry->last_s = event->at_s > entry->last_s ? event->at_s : entry->last_s;
	entry->reason = arena_view(list->arena, event->reason);
	entry->category = arena_view(list->arena, event->category);
	entry->source = arena_view(list->arena, event->source);
	if (was || entry->count >= event->rule->count)
		entry->state = SUPPRESS_ACTIVE;
	entry->expires_s = policy->expire_s == 0 ? 0 : entry->last_s + policy->expire_s;
	return entry->state == SUPPRESS_ACTIVE && !was;
}
