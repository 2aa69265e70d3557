/* RFC 7208 sections 2 to 7 and appendix A as rows over the zones of tests/zone; names under fault.test give errors. */
#include <stdlib.h>

#include "base_file.h"
#include "dns_table.h"
#include "resolve_zone.h"
#include "spf_eval.h"
#include "tap.h"

struct row {
	const char *what;        /* section first */
	const char *ip;          /* NULL: 192.0.2.99 */
	const char *from;        /* NULL: user@d.test; "" the null sender */
	const char *record;      /* instead of the published one of from's domain; NULL: the zone's */
	const char *result;      /* and ": explanation" when one must come out, nothing when none may */
	const char *helo;        /* NULL: mail.example.test */
	unsigned lookups, voids; /* 0: not checked */
};

#define V6A "2001:db8::1"
#define L63 "a123456789-a123456789-a123456789-a123456789-a123456789-a1234567"

/* clang-format off: a row a line */
static const struct row rows[] = {
	/* 2.4, 4.1, 4.3 */
	{ "2.4: the null sender is postmaster@HELO", NULL, "", NULL, "fail", "d.test", 0, 0 },
	{ "2.4: the null sender, in macros", "192.0.2.1", "", "v=spf1 -all exp=sender.exp.test",
	  "fail: postmaster@d.test|postmaster|d.test|d.test", "d.test", 0, 0 },
	{ "2.3: HELO is a literal", NULL, "", NULL, "none", "[192.0.2.1]", 0, 0 },
	{ "2.3: HELO is an IPv6 literal", NULL, "", NULL, "none", "[IPv6:2001:db8::1]", 0, 0 },
	{ "2.3: HELO is no name of several labels", NULL, "", NULL, "none", "localhost", 0, 0 },
	{ "2.3: HELO has an empty label", NULL, "", NULL, "none", "a..test", 0, 0 },
	{ "2.3: HELO is empty", NULL, "", NULL, "none", "", 0, 0 },
	{ "4.1: no local part", NULL, "@d.test", "v=spf1 -all exp=sender.exp.test",
	  "fail: postmaster@d.test|postmaster|d.test|mail.example.test", NULL, 0, 0 },
	{ "4.1: no at sign", NULL, "d.test", NULL, "fail", NULL, 0, 0 },
	{ "4.1: several at signs, the last one parts", NULL, "\"a@b\"@d.test", "v=spf1 -all exp=sender.exp.test",
	  "fail: \"a@b\"@d.test|\"a@b\"|d.test|mail.example.test", NULL, 0, 0 },
	{ "4.3: one label", NULL, "user@test", NULL, "none", NULL, 0, 0 },
	{ "4.3: one label and a dot", NULL, "user@test.", NULL, "none", NULL, 0, 0 },
	{ "4.3: a dot at the end", NULL, "user@d.test.", NULL, "fail", NULL, 0, 0 },
	{ "4.3: an empty label", NULL, "user@a..test", NULL, "none", NULL, 0, 0 },
	{ "4.3: two dots at the end", NULL, "user@d.test..", NULL, "none", NULL, 0, 0 },
	{ "4.8: a macro that makes two dots at the end", "192.0.2.21", NULL, "v=spf1 a:%{h} -all", "fail", "mx1.test..",
	  0, 0 },
	{ "4.8: a macro that makes one dot at the end", "192.0.2.21", NULL, "v=spf1 a:%{h} -all", "pass", "mx1.test.",
	  0, 0 },
	{ "4.3: a dot at the front", NULL, "user@.d.test", NULL, "none", NULL, 0, 0 },
	{ "4.3: a label of 63 octets", NULL, "user@" L63 ".test", NULL, "fail", NULL, 0, 0 },
	{ "4.3: a label of 64 octets", NULL, "user@" L63 "8.test", NULL, "none", NULL, 0, 0 },
	{ "4.3: a literal", NULL, "user@[192.0.2.1]", NULL, "none", NULL, 0, 0 },
	{ "4.3: a name of more than 255 octets", NULL, "user@" L63 "." L63 "." L63 "." L63 ".d.test", NULL, "none",
	  NULL, 0, 0 },
	{ "4.3: U-labels become A-labels", NULL,
	  "user@b\xc3\xbc"
	  "cher.test",
	  NULL, "fail", NULL, 0, 0 },
	{ "4.3: no such domain", NULL, "user@nowhere.test", NULL, "none", NULL, 0, 0 },
	/* 4.4, 4.5 */
	{ "4.4: no TXT record", NULL, "user@mx1.test", NULL, "none", NULL, 0, 0 },
	{ "4.4: time-out", NULL, "user@slow.fault.test", NULL, "temperror", NULL, 0, 0 },
	{ "4.4: SERVFAIL", NULL, "user@a.fault.test", NULL, "temperror", NULL, 0, 0 },
	{ "4.4: a CNAME is followed", NULL, "user@cname.sel.test", NULL, "fail", NULL, 0, 0 },
	{ "4.4: a CNAME to nowhere", NULL, "user@dangling.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.4: a CNAME loop", NULL, "user@loop.sel.test", NULL, "temperror", NULL, 0, 0 },
	{ "4.4: a wildcard", NULL, "user@any.wild.sel.test", NULL, "softfail", NULL, 0, 0 },
	{ "4.5: two records", NULL, "user@several.sel.test", NULL, "permerror", NULL, 0, 0 },
	{ "4.5: two records that say the same", NULL, "user@same.sel.test", NULL, "permerror", NULL, 0, 0 },
	{ "4.5: other TXT records", NULL, "user@other.sel.test", NULL, "pass", NULL, 0, 0 },
	{ "4.5: other TXT records only", NULL, "user@none.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.5: v=spf10", NULL, "user@v10.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.5: no space behind the version", NULL, "user@dash.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.5: a tab behind the version", NULL, "user@tab.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.5: the version alone", NULL, "user@alone.sel.test", NULL, "neutral", NULL, 0, 0 },
	{ "4.5: the version and a space", NULL, "user@blank.sel.test", NULL, "neutral", NULL, 0, 0 },
	{ "4.5: a space before it", NULL, "user@leading.sel.test", NULL, "none", NULL, 0, 0 },
	{ "4.5: capitals", NULL, "user@upper.sel.test", NULL, "fail", NULL, 0, 0 },
	{ "4.5: an empty string", NULL, "user@empty.sel.test", NULL, "none", NULL, 0, 0 },
	{ "3.3: strings are joined", "192.0.2.1", "user@joined.sel.test", NULL, "pass", NULL, 0, 0 },
	{ "3.3: without a space", NULL, "user@nojoin.sel.test", NULL, "none", NULL, 0, 0 },
	{ "3.3: the version too", NULL, "user@joinv.sel.test", NULL, "fail", NULL, 0, 0 },
	{ "3.1: type 99 is not asked", NULL, "user@type99.sel.test", NULL, "none", NULL, 0, 0 },
	{ "3.1: type 99 beside TXT", NULL, "user@both.sel.test", NULL, "fail", NULL, 0, 0 },
	{ "3.1: not US-ASCII", NULL, "user@bytes.sel.test", NULL, "permerror", NULL, 0, 0 },
	{ "3.1: other records may be anything", NULL, "user@otherbytes.sel.test", NULL, "fail", NULL, 0, 0 },
	/* 4.6, 4.7 */
	{ "4.6: a syntax error behind a match", "192.0.2.1", NULL, "v=spf1 ip4:192.0.2.1 -all moo", "permerror", NULL,
	  0, 0 },
	{ "4.6: a syntax error before a match", "192.0.2.1", NULL, "v=spf1 moo ip4:192.0.2.1 -all", "permerror", NULL,
	  0, 0 },
	{ "4.6: nothing is asked when there is one", NULL, NULL, "v=spf1 a:a.fault.test moo", "permerror", NULL, 0, 0 },
	{ "4.6.2: the first match counts", NULL, NULL, "v=spf1 ?all -all", "neutral", NULL, 0, 0 },
	{ "4.6.2: softfail", NULL, NULL, "v=spf1 ~all", "softfail", NULL, 0, 0 },
	{ "4.7: nothing matches", NULL, NULL, "v=spf1 ip4:192.0.2.1", "neutral", NULL, 0, 0 },
	{ "4.7: no terms", NULL, NULL, "v=spf1", "neutral", NULL, 0, 0 },
	/* 4.8 */
	{ "4.8: a dot at the end of a target", "192.0.2.21", NULL, "v=spf1 a:mx1.test. -all", "pass", NULL, 0, 0 },
	{ "4.8: an empty label in a target is not asked", NULL, NULL, "v=spf1 a:mx1..test -all", "fail", NULL, 1, 0 },
	{ "4.8: a target with a label of 64 octets", NULL, NULL, "v=spf1 a:" L63 "8.test -all", "fail", NULL, 0, 0 },
	{ "4.8: the same through a macro", NULL, NULL, "v=spf1 a:%{h}.test -all", "fail", L63 "8", 0, 0 },
	{ "4.8: include of an empty label", NULL, NULL, "v=spf1 include:a..test -all", "permerror", NULL, 0, 0 },
	{ "4.8: a colon and a slash in a name", "192.0.2.41", NULL, "v=spf1 a:foo:bar/baz.test -all", "pass", NULL, 0,
	  0 },
	{ "4.8: a colon and a slash in a name, with a prefix", "192.0.2.42", NULL, "v=spf1 a:foo:bar/baz.test/30 -all",
	  "pass", NULL, 0, 0 },
	{ "4.8: a space in a name", "192.0.2.42", NULL, "v=spf1 a:sp%_ace.test -all", "pass", NULL, 0, 0 },
	{ "4.8: an underscore in a name", "192.0.2.43", NULL, "v=spf1 a:under_score.test -all", "pass", NULL, 0, 0 },
	{ "4.8: case of names", "192.0.2.21", NULL, "v=spf1 a:MX1.Test -all", "pass", NULL, 0, 0 },
	/* 5 */
	{ "5: an error of the DNS ends it", NULL, NULL, "v=spf1 a:a.fault.test +all", "temperror", NULL, 0, 0 },
	{ "5: an error behind the match is not met", NULL, NULL, "v=spf1 +all a:a.fault.test", "pass", NULL, 0, 0 },
	{ "5: IPv4-mapped clients are IPv4", "::ffff:192.0.2.1", NULL, "v=spf1 ip4:192.0.2.1 -all", "pass", NULL, 0,
	  0 },
	{ "5: IPv4-mapped clients ask A", "::ffff:192.0.2.21", NULL, "v=spf1 a:mx1.test -all", "pass", NULL, 0, 0 },
	{ "5: IPv4-mapped clients match no ip6", "::ffff:192.0.2.1", NULL, "v=spf1 ip6:::ffff:0:0/96 ip6:::/0 -all",
	  "fail", NULL, 0, 0 },
	/* 5.1 */
	{ "5.1: terms behind all are not met", NULL, NULL, "v=spf1 -all redirect=pass.test", "fail", NULL, 0, 0 },
	/* 5.2 */
	{ "5.2: include passes", NULL, NULL, "v=spf1 include:pass.test -all", "pass", NULL, 1, 0 },
	{ "5.2: with a qualifier", NULL, NULL, "v=spf1 ?include:pass.test -all", "neutral", NULL, 0, 0 },
	{ "5.2: include fails", NULL, NULL, "v=spf1 include:fail.test ~all", "softfail", NULL, 0, 0 },
	{ "5.2: include softfails", NULL, NULL, "v=spf1 include:soft.test -all", "fail", NULL, 0, 0 },
	{ "5.2: include is neutral", NULL, NULL, "v=spf1 include:neutral.test -all", "fail", NULL, 0, 0 },
	{ "5.2: include is neutral by default", NULL, NULL, "v=spf1 include:nothing.test -all", "fail", NULL, 0, 0 },
	{ "5.2: include has a temperror", NULL, NULL, "v=spf1 include:a.fault.test +all", "temperror", NULL, 0, 0 },
	{ "5.2: include has a permerror", NULL, NULL, "v=spf1 include:broken.test +all", "permerror", NULL, 0, 0 },
	{ "5.2: include of several records", NULL, NULL, "v=spf1 include:several.sel.test +all", "permerror", NULL, 0,
	  0 },
	{ "5.2: include of no record", NULL, NULL, "v=spf1 include:mx1.test +all", "permerror", NULL, 0, 0 },
	{ "5.2: include of no domain", NULL, NULL, "v=spf1 include:nowhere.test +all", "permerror", NULL, 0, 0 },
	{ "5.2: include of one label", NULL, NULL, "v=spf1 include:%{d1} +all", "permerror", NULL, 0, 0 },
	{ "5.2: include in an include", NULL, NULL, "v=spf1 include:incpass.test -all", "pass", NULL, 2, 0 },
	{ "5.2: include of a redirect that passes", NULL, NULL, "v=spf1 include:toredirect.test -all", "pass", NULL, 2,
	  0 },
	{ "5.2: include of a redirect that fails", NULL, NULL, "v=spf1 include:toredirectfail.test +all", "pass", NULL,
	  2, 0 },
	{ "5.2: include of a redirect to none", NULL, NULL, "v=spf1 include:tonone.test +all", "permerror", NULL, 0,
	  0 },
	{ "5.2: d in an include is the included domain", NULL, NULL, "v=spf1 include:mobile.inc.test -all", "permerror",
	  NULL, 0, 0 },
	/* 5.3 */
	{ "5.3: a of the domain", "192.0.2.1", NULL, "v=spf1 a -all", "pass", NULL, 1, 0 },
	{ "5.3: a of IPv6", V6A, NULL, "v=spf1 a -all", "pass", NULL, 0, 0 },
	{ "5.3: a without match", NULL, NULL, "v=spf1 a -all", "fail", NULL, 0, 0 },
	{ "5.3: IPv6 client, only A", V6A, NULL, "v=spf1 a:v4only.test -all", "fail", NULL, 1, 1 },
	{ "5.3: IPv4 client, only AAAA", "192.0.2.31", NULL, "v=spf1 a:v6only.test -all", "fail", NULL, 1, 1 },
	{ "5.3: no such name", NULL, NULL, "v=spf1 a:nowhere.test -all", "fail", NULL, 1, 1 },
	{ "5.3: more than ten addresses are no limit", "198.51.100.12", NULL, "v=spf1 a:many.test -all", "pass", NULL,
	  0, 0 },
	{ "5.3: prefix 24", "192.0.2.77", NULL, "v=spf1 a:mx1.test/24 -all", "pass", NULL, 0, 0 },
	{ "5.3: prefix 0", "203.0.113.77", NULL, "v=spf1 a:mx1.test/0 -all", "pass", NULL, 0, 0 },
	{ "5.3: prefix 0 of a name that has no address", "203.0.113.77", NULL, "v=spf1 a:nowhere.test/0 -all", "fail",
	  NULL, 0, 0 },
	{ "5.3: prefix 0 for IPv4 does not help IPv6", "2001:db8:ffff::1", NULL, "v=spf1 a:mx1.test/0 -all", "fail",
	  NULL, 0, 0 },
	{ "5.3: prefix //0 for IPv6", "2001:db8:ffff::1", NULL, "v=spf1 a:mx1.test//0 -all", "pass", NULL, 0, 0 },
	{ "5.3: prefix //0 does not help IPv4", "203.0.113.1", NULL, "v=spf1 a:mx1.test//0 -all", "fail", NULL, 0, 0 },
	{ "5.3: prefix //48", "2001:db8:0:1::1", NULL, "v=spf1 a:mx1.test/32//48 -all", "pass", NULL, 0, 0 },
	{ "5.3: through a CNAME", "192.0.2.1", NULL, "v=spf1 a:alias.test -all", "pass", NULL, 0, 0 },
	{ "5.3: a CNAME loop", NULL, NULL, "v=spf1 a:loop.sel.test -all", "temperror", NULL, 0, 0 },
	/* 5.4 */
	{ "5.4: mx of the domain", "192.0.2.22", NULL, "v=spf1 mx -all", "pass", NULL, 1, 0 },
	{ "5.4: mx of IPv6", "2001:db8::21", NULL, "v=spf1 mx -all", "pass", NULL, 0, 0 },
	{ "5.4: no implicit MX", "192.0.2.1", NULL, "v=spf1 mx:nomx.test -all", "fail", NULL, 1, 1 },
	{ "5.4: null MX", NULL, NULL, "v=spf1 mx:nullmx.test -all", "fail", NULL, 0, 0 },
	{ "5.4: a host without address", NULL, NULL, "v=spf1 mx:badmx.test -all", "fail", NULL, 1, 1 },
	{ "5.4: a host that is an alias", "192.0.2.1", NULL, "v=spf1 mx:aliasmx.test -all", "pass", NULL, 0, 0 },
	{ "5.4: the first host matches before the second fails", "192.0.2.21", NULL, "v=spf1 mx:faultmx.test -all",
	  "pass", NULL, 0, 0 },
	{ "5.4: the second host fails", "192.0.2.22", NULL, "v=spf1 mx:faultmx.test -all", "temperror", NULL, 0, 0 },
	{ "5.4: prefix", "192.0.2.23", NULL, "v=spf1 mx/30 -all", "pass", NULL, 0, 0 },
	{ "5.4: no such name", NULL, NULL, "v=spf1 mx:nowhere.test/0//0 -all", "fail", NULL, 0, 0 },
	{ "4.6.4: ten MX names", "203.0.113.10", NULL, "v=spf1 mx:ten.test -all", "pass", NULL, 0, 0 },
	{ "4.6.4: eleven MX names, the first matches", "203.0.113.1", NULL, "v=spf1 mx:eleven.test -all", "permerror",
	  NULL, 0, 0 },
	{ "4.6.4: eleven MX names, none matches", NULL, NULL, "v=spf1 mx:eleven.test +all", "permerror", NULL, 0, 0 },
	{ "4.6.4: void hosts of one mx are one void look-up", "2001:db8::21", NULL, "v=spf1 mx:novoid.test -all",
	  "pass", NULL, 1, 1 },
	/* 5.5 */
	{ "5.5: ptr", "192.0.2.61", NULL, "v=spf1 ptr -all", "pass", NULL, 1, 0 },
	{ "5.5: ptr is the domain itself", "192.0.2.1", NULL, "v=spf1 ptr -all", "pass", NULL, 0, 0 },
	{ "5.5: ptr of another domain", "192.0.2.61", NULL, "v=spf1 ptr:example.test -all", "fail", NULL, 0, 0 },
	{ "5.5: target given", "192.0.2.63", NULL, "v=spf1 ptr:example.test -all", "pass", NULL, 0, 0 },
	{ "5.5: labels are whole", "192.0.2.63", NULL, "v=spf1 ptr:ample.test -all", "fail", NULL, 0, 0 },
	{ "5.5: a name that is not the client's", "192.0.2.66", NULL, "v=spf1 ptr -all", "fail", NULL, 0, 0 },
	{ "5.5: one of several", "192.0.2.64", NULL, "v=spf1 ptr -all", "pass", NULL, 0, 0 },
	{ "5.5: no PTR", "192.0.2.99", NULL, "v=spf1 ptr -all", "fail", NULL, 1, 1 },
	{ "5.5: an error of the PTR question does not match", "203.0.113.200", NULL, "v=spf1 ptr ?all", "neutral", NULL,
	  0, 0 },
	{ "7.1: ptr of one label", "192.0.2.65", NULL, "v=spf1 ptr:test ?all", "permerror", NULL, 0, 0 },
	{ "5.5: a CNAME loop is skipped", "192.0.2.65", NULL, "v=spf1 ptr:sel.test ptr:fault.test ?all", "neutral",
	  NULL, 0, 0 },
	{ "5.5: more than ten names, the rest is cut", "192.0.2.62", NULL, "v=spf1 ptr:h12.ptr.test ?all", "neutral",
	  NULL, 0, 0 },
	{ "5.5: more than ten names, within the first", "192.0.2.62", NULL, "v=spf1 ptr:h1.ptr.test ?all", "pass", NULL,
	  0, 0 },
	{ "5.5: IPv6", "2001:db8::21", NULL, "v=spf1 ptr:mx1.test -all", "pass", NULL, 0, 0 },
	/* 5.6 */
	{ "5.6: ip4", "192.0.2.1", NULL, "v=spf1 ip4:192.0.2.1 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip4 /24 with host bits", "192.0.2.77", NULL, "v=spf1 ip4:192.0.2.1/24 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip4 /0", "203.0.113.1", NULL, "v=spf1 ip4:1.2.3.4/0 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip4 for IPv6", V6A, NULL, "v=spf1 ip4:0.0.0.0/0 -all", "fail", NULL, 0, 0 },
	{ "5.6: ip6", V6A, NULL, "v=spf1 ip6:2001:db8::1 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip6 /33", "2001:db8:7fff::1", NULL, "v=spf1 ip6:2001:db8::/33 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip6 /33, outside", "2001:db8:8000::1", NULL, "v=spf1 ip6:2001:db8::/33 -all", "fail", NULL, 0, 0 },
	{ "5.6: ip6 /0", V6A, NULL, "v=spf1 ip6:::1.1.1.1/0 -all", "pass", NULL, 0, 0 },
	{ "5.6: ip6 for IPv4", "192.0.2.1", NULL, "v=spf1 ip6:::/0 -all", "fail", NULL, 0, 0 },
	/* 5.7 */
	{ "5.7: exists", NULL, NULL, "v=spf1 exists:is.test -all", "pass", NULL, 1, 0 },
	{ "5.7: exists for IPv6 asks A too", V6A, NULL, "v=spf1 exists:is.test -all", "pass", NULL, 0, 0 },
	{ "5.7: AAAA does not do", V6A, NULL, "v=spf1 exists:v6only.test -all", "fail", NULL, 1, 1 },
	{ "5.7: error", NULL, NULL, "v=spf1 exists:a.fault.test -all", "temperror", NULL, 0, 0 },
	{ "5.7: by address", "192.0.2.1", NULL, "v=spf1 exists:%{ir}.%{v}.m.test -all", "pass", NULL, 0, 0 },
	{ "5.7: by IPv6 address", V6A, NULL, "v=spf1 exists:%{ir}.%{v}.m.test -all", "pass", NULL, 0, 0 },
	/* 6 */
	{ "6: an unknown modifier is ignored", NULL, NULL, "v=spf1 moo=cow -all", "fail", NULL, 0, 0 },
	{ "6.1: redirect", NULL, NULL, "v=spf1 redirect=pass.test", "pass", NULL, 1, 0 },
	{ "6.1: redirect stands first but comes last", "192.0.2.1", NULL, "v=spf1 redirect=pass.test -ip4:192.0.2.1",
	  "fail", NULL, 0, 0 },
	{ "6.1: redirect to no record", NULL, NULL, "v=spf1 redirect=mx1.test", "permerror", NULL, 0, 0 },
	{ "6.1: redirect to no domain", NULL, NULL, "v=spf1 redirect=nowhere.test", "permerror", NULL, 0, 0 },
	{ "6.1: redirect to no name", NULL, NULL, "v=spf1 redirect=a..test", "permerror", NULL, 0, 0 },
	{ "6.1: redirect to an error", NULL, NULL, "v=spf1 redirect=a.fault.test", "temperror", NULL, 0, 0 },
	{ "6.1: redirect to a faulty record", NULL, NULL, "v=spf1 redirect=broken.test", "permerror", NULL, 0, 0 },
	{ "6.1: redirect to neutral", NULL, NULL, "v=spf1 redirect=nothing.test", "neutral", NULL, 0, 0 },
	{ "6.1: o stays, d changes", NULL, NULL, "v=spf1 redirect=redir.exp.test exp=p.exp.test",
	  "fail: from fail2.test", NULL, 2, 0 },
	{ "6.1: the first record's exp is not used", NULL, NULL, "v=spf1 redirect=fail3.test exp=text.exp.test", "fail",
	  NULL, 0, 0 },
	/* 6.2 */
	{ "6.2: explanation", "192.0.2.99", NULL, "v=spf1 -all exp=text.exp.test",
	  "fail: See http://d.test/why.html?s=user%40d.test&i=192.0.2.99", NULL, 0, 0 },
	{ "6.2: only for fail", NULL, NULL, "v=spf1 ~all exp=text.exp.test", "softfail", NULL, 0, 0 },
	{ "6.2: of an include it is not used", NULL, NULL, "v=spf1 -include:pass.test exp=dot.exp.test",
	  "fail: the end.", NULL, 0, 0 },
	{ "6.2: of an included fail neither", NULL, NULL, "v=spf1 include:exp.test -all", "fail", NULL, 0, 0 },
	{ "6.2: strings are joined", NULL, NULL, "v=spf1 -all exp=strings.exp.test", "fail: onetwo", NULL, 0, 0 },
	{ "6.2: two records", NULL, NULL, "v=spf1 -all exp=two.exp.test", "fail", NULL, 0, 0 },
	{ "6.2: no record", NULL, NULL, "v=spf1 -all exp=mx1.test", "fail", NULL, 0, 0 },
	{ "6.2: no such name", NULL, NULL, "v=spf1 -all exp=nowhere.test", "fail", NULL, 0, 0 },
	{ "6.2: no name at all", NULL, NULL, "v=spf1 -all exp=a..test", "fail", NULL, 0, 0 },
	{ "6.2: DNS error", NULL, NULL, "v=spf1 -all exp=a.fault.test", "fail", NULL, 0, 0 },
	{ "6.2: bad macro", NULL, NULL, "v=spf1 -all exp=bad.exp.test", "fail", NULL, 0, 0 },
	{ "6.2: stray percent", NULL, NULL, "v=spf1 -all exp=percent.exp.test", "fail", NULL, 0, 0 },
	{ "6.2: not US-ASCII", NULL, NULL, "v=spf1 -all exp=bytes.exp.test", "fail", NULL, 0, 0 },
	{ "6.2: not US-ASCII by a macro", NULL, "\xc3\xbc@d.test", "v=spf1 -all exp=sender.exp.test", "fail", NULL, 0,
	  0 },
	{ "6.2: controls", NULL, NULL, "v=spf1 -all exp=tab.exp.test", "fail", NULL, 0, 0 },
	{ "6.2: empty", NULL, NULL, "v=spf1 -all exp=empty.exp.test", "fail: ", NULL, 0, 0 },
	{ "6.2: a final dot stays", NULL, NULL, "v=spf1 -all exp=dot.exp.test", "fail: the end.", NULL, 0, 0 },
	{ "6.2: its look-up is not counted, nor void", NULL, NULL,
	  "v=spf1 a:nowhere.test a:nowhere2.test -all exp=nowhere.test", "fail", NULL, 2, 2 },
	{ "6.2: behind the tenth look-up", NULL, NULL, "v=spf1 a a a a a a a a a a -all exp=dot.exp.test",
	  "fail: the end.", NULL, 10, 0 },
	{ "7.2: c, r, t", V6A, NULL, "v=spf1 -all exp=crt.exp.test", "fail: 2001:db8::1 mx.receiver.test 1795291200",
	  NULL, 0, 0 },
	{ "7.1: literals in explanations", NULL, NULL, "v=spf1 -all exp=literal.exp.test", "fail: %| |%20|", NULL, 0,
	  0 },
	/* 7 */
	{ "7.2: h", NULL, NULL, "v=spf1 exists:%{h}.m.test -all", "fail", NULL, 0, 0 },
	{ "7.2: h of a literal", NULL, NULL, "v=spf1 a:%{h} -all", "fail", "[192.0.2.1]", 0, 0 },
	{ "7.2: h lets a record ask for a good HELO", "192.0.2.21", NULL, "v=spf1 a:%{h} -all", "pass", "mx1.test", 0,
	  0 },
	{ "7.2: p without PTR", "192.0.2.99", NULL, "v=spf1 exists:%{p}.p.test -all", "pass", NULL, 0, 0 },
	{ "7.2: p with an error", "203.0.113.200", NULL, "v=spf1 exists:%{p}.p.test -all", "pass", NULL, 0, 0 },
	{ "7.2: p not valid", "192.0.2.66", NULL, "v=spf1 exists:unknown.%{p}.test -all", "fail", NULL, 0, 0 },
	{ "7.2: p below the domain", "192.0.2.61", NULL, "v=spf1 exists:%{p}.p.test -all", "pass", NULL, 0, 0 },
	{ "7.2: p, the domain first", "192.0.2.64", NULL, "v=spf1 -all exp=p.exp.test", "fail: d.test", NULL, 0, 0 },
	{ "7.2: p, another domain", "192.0.2.63", NULL, "v=spf1 exists:%{p}.p.test -all", "pass", NULL, 0, 0 },
	{ "7.3: capitals escape", NULL, "us/er@d.test", "v=spf1 exists:%{S}.u.test -all", "fail", NULL, 0, 0 },
	{ "7.3: capitals escape, found", NULL, NULL, "v=spf1 exists:%{S}.u.test -all", "pass", NULL, 0, 0 },
	{ "7.3: splitting", NULL, "strong-bad@d.test", "v=spf1 exists:%{lr-}.m.test -all", "pass", NULL, 0, 0 },
	{ "7.1: literals in names", NULL, NULL, "v=spf1 exists:%%%_%-.m.test -all", "pass", NULL, 0, 0 },
	/* 4.6.4 */
	{ "4.6.4: ten look-ups", "192.0.2.9", NULL, "v=spf1 a a a a a mx mx mx mx mx ip4:192.0.2.9 -all", "pass", NULL,
	  10, 0 },
	{ "4.6.4: eleven look-ups", "192.0.2.9", NULL, "v=spf1 a a a a a mx mx mx mx mx a ip4:192.0.2.9 -all",
	  "permerror", NULL, 11, 0 },
	{ "4.6.4: the eleventh behind the match", "192.0.2.9", NULL,
	  "v=spf1 a a a a a mx mx mx mx mx ip4:192.0.2.9 a -all", "pass", NULL, 10, 0 },
	{ "4.6.4: the eleventh is the redirect", NULL, NULL, "v=spf1 a a a a a mx mx mx mx mx redirect=pass.test",
	  "permerror", NULL, 11, 0 },
	{ "4.6.4: the tenth is the redirect", NULL, NULL, "v=spf1 a a a a a mx mx mx mx redirect=pass.test", "pass",
	  NULL, 10, 0 },
	{ "4.6.4: through includes, ten", NULL, NULL, "v=spf1 include:i5.test include:i5.test ~all", "softfail", NULL,
	  10, 0 },
	{ "4.6.4: through includes, eleven", NULL, NULL, "v=spf1 include:i5.test include:i5.test a ~all", "permerror",
	  NULL, 11, 0 },
	{ "4.6.4: within an include", NULL, NULL, "v=spf1 a include:i10.test ~all", "permerror", NULL, 11, 0 },
	{ "4.6.4: ptr and exists count", NULL, NULL,
	  "v=spf1 ptr:nowhere.example exists:nowhere.test a a a a a a a a a -all", "permerror", NULL, 11, 2 },
	{ "4.6.4: ip4, ip6, all do not", "192.0.2.9", NULL,
	  "v=spf1 ip4:1.1.1.1 ip4:1.1.1.2 ip4:1.1.1.3 ip4:1.1.1.4 ip4:1.1.1.5 ip4:1.1.1.6 ip4:1.1.1.7 ip4:1.1.1.8 "
	  "ip6:::1 ip6:::2 ip6:::3 -all",
	  "fail", NULL, 0, 0 },
	{ "4.6.4: include loop", NULL, "user@l1.test", NULL, "permerror", NULL, 11, 0 },
	{ "4.6.4: redirect loop", NULL, "user@r1.test", NULL, "permerror", NULL, 11, 0 },
	{ "4.6.4: a record that includes itself", NULL, "user@self.test", NULL, "permerror", NULL, 11, 0 },
	{ "4.6.4: two void look-ups", NULL, NULL, "v=spf1 a:nowhere.test exists:nowhere2.test ?all", "neutral", NULL, 2,
	  2 },
	{ "4.6.4: three void look-ups", NULL, NULL, "v=spf1 a:nowhere.test exists:nowhere2.test mx:nowhere3.test ?all",
	  "permerror", NULL, 3, 3 },
	{ "4.6.4: no data is void too", NULL, NULL, "v=spf1 a:mx1.none.test mx:mx1.test exists:v6only.test ?all",
	  "permerror", NULL, 3, 3 },
	{ "4.6.4: voids through an include", NULL, NULL, "v=spf1 include:voids.test ?all", "permerror", NULL, 0, 0 },
};

static const struct row appendix_a[] = {
	{ "A.1: +all", "203.0.113.9", "x@example.com", "v=spf1 +all", "pass", NULL, 0, 0 },
	{ "A.1: a -all", "192.0.2.10", "x@example.com", "v=spf1 a -all", "pass", NULL, 0, 0 },
	{ "A.1: a -all", "192.0.2.11", "x@example.com", "v=spf1 a -all", "pass", NULL, 0, 0 },
	{ "A.1: a -all", "192.0.2.65", "x@example.com", "v=spf1 a -all", "fail", NULL, 0, 0 },
	{ "A.1: a:example.org -all", "192.0.2.10", "x@example.com", "v=spf1 a:example.org -all", "fail", NULL, 0, 0 },
	{ "A.1: mx -all", "192.0.2.129", "x@example.com", "v=spf1 mx -all", "pass", NULL, 0, 0 },
	{ "A.1: mx -all", "192.0.2.130", "x@example.com", "v=spf1 mx -all", "pass", NULL, 0, 0 },
	{ "A.1: mx -all", "192.0.2.10", "x@example.com", "v=spf1 mx -all", "fail", NULL, 0, 0 },
	{ "A.1: mx:example.org -all", "192.0.2.140", "x@example.com", "v=spf1 mx:example.org -all", "pass", NULL, 0,
	  0 },
	{ "A.1: mx mx:example.org -all", "192.0.2.129", "x@example.com", "v=spf1 mx mx:example.org -all", "pass", NULL,
	  0, 0 },
	{ "A.1: mx mx:example.org -all", "192.0.2.130", "x@example.com", "v=spf1 mx mx:example.org -all", "pass", NULL,
	  0, 0 },
	{ "A.1: mx mx:example.org -all", "192.0.2.140", "x@example.com", "v=spf1 mx mx:example.org -all", "pass", NULL,
	  0, 0 },
	{ "A.1: mx/30 mx:example.org/30 -all", "192.0.2.131", "x@example.com", "v=spf1 mx/30 mx:example.org/30 -all",
	  "pass", NULL, 0, 0 },
	{ "A.1: mx/30 mx:example.org/30 -all", "192.0.2.143", "x@example.com", "v=spf1 mx/30 mx:example.org/30 -all",
	  "pass", NULL, 0, 0 },
	{ "A.1: mx/30 mx:example.org/30 -all", "192.0.2.132", "x@example.com", "v=spf1 mx/30 mx:example.org/30 -all",
	  "fail", NULL, 0, 0 },
	{ "A.1: ptr -all, reverse DNS is valid", "192.0.2.65", "x@example.com", "v=spf1 ptr -all", "pass", NULL, 0, 0 },
	{ "A.1: ptr -all, valid but of another domain", "192.0.2.140", "x@example.com", "v=spf1 ptr -all", "fail", NULL,
	  0, 0 },
	{ "A.1: ptr -all, a lie", "10.0.0.4", "x@example.com", "v=spf1 ptr -all", "fail", NULL, 0, 0 },
	{ "A.1: ip4:192.0.2.128/28 -all", "192.0.2.65", "x@example.com", "v=spf1 ip4:192.0.2.128/28 -all", "fail", NULL,
	  0, 0 },
	{ "A.1: ip4:192.0.2.128/28 -all", "192.0.2.129", "x@example.com", "v=spf1 ip4:192.0.2.128/28 -all", "pass",
	  NULL, 0, 0 },
	{ "A.2: two includes, the first", "198.51.100.1", "x@a2.example.org", NULL, "pass", NULL, 1, 0 },
	{ "A.2: two includes, the second", "198.51.100.200", "x@a2.example.org", NULL, "pass", NULL, 2, 0 },
	{ "A.2: two includes, none", "203.0.113.1", "x@a2.example.org", NULL, "fail", NULL, 0, 0 },
	{ "A.2: redirect", "198.51.100.200", "x@la.example.org", NULL, "pass", NULL, 3, 0 },
	{ "A.3: a mobile user", "203.0.113.1", "mary@example.com",
	  "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all", "pass", NULL, 0, 0 },
	{ "A.3: no mobile user", "203.0.113.1", "joel@example.com",
	  "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all", "fail", NULL, 0, 0 },
	{ "A.3: a remote user at home", "192.168.15.15", "joel@example.com",
	  "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all", "pass", NULL, 0, 0 },
	{ "A.3: a remote user elsewhere", "192.168.15.17", "joel@example.com",
	  "v=spf1 mx include:mobile-users._spf.%{d} include:remote-users._spf.%{d} -all", "fail", NULL, 0, 0 },
	{ "A.4: both hold", "192.0.2.65", "x@example.com", "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all",
	  "pass", NULL, 0, 0 },
	{ "A.4: only the network", "192.0.2.140", "x@example.com",
	  "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all", "fail", NULL, 0, 0 },
	{ "A.4: neither", "203.0.113.1", "x@example.com", "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} +all",
	  "fail", NULL, 0, 0 },
};
/* clang-format on */

static struct env_fixed world = { .wall_us = 1795291200000000, .mono_us = 1, .seed = 1 };

static struct dname name_of(struct arena *arena, const char *text)
{
	struct dname name = dname_root();
	(void)(dname_parse_plain(arena, view_str(text), &name, NULL) == ERR_OK);
	return name;
}

static struct spf_request request_of(struct arena *arena, const struct row *row)
{
	struct spf_request request = { .receiver = VIEW("mx.receiver.test") };
	(void)arena;
	CHECK(ip_parse(view_str(row->ip != NULL ? row->ip : "192.0.2.99"), &request.ip));
	request.sender = view_str(row->from != NULL ? row->from : "user@d.test");
	request.helo = view_str(row->helo != NULL ? row->helo : "mail.example.test");
	return request;
}

static void check_row(const struct row *row, struct dns_resolver *resolver)
{
	tap_case("RFC 7208 %s", row->what);
	struct arena arena = { 0 };
	struct env env = env_of_fixed(&world);
	struct spf_cache cache;
	spf_cache_init(&cache, &env);
	struct spf_request request = request_of(&arena, row);
	struct view domain = request.sender.n > 0 ? request.sender : request.helo;
	for (size_t at; (at = view_find_byte(domain, '@')) != SIZE_MAX;)
		domain = view_from(domain, at + 1);
	if (row->record != NULL)
		spf_cache_put(&cache, name_of(&arena, arena_cstr(&arena, domain)), view_str(row->record));
	struct spf_context context = { .resolver = resolver, .env = &env, .cache = &cache, .trace = true };
	struct spf_verdict verdict;
	spf_eval(&context, &arena, &request, &verdict);
	CHECK_STR(arena_printf(&arena, "%s%s%.*s", spf_result_name(verdict.result),
			       verdict.explanation.p != NULL ? ": " : "", VIEW_ARG(verdict.explanation)),
		  row->result);
	if (row->lookups > 0)
		CHECK_INT(verdict.lookups, row->lookups);
	if (row->lookups > 0)
		CHECK_INT(verdict.voids, row->voids);
	CHECK_INT(verdict.problem != NULL, verdict.result == SPF_NONE || verdict.result >= SPF_TEMPERROR);
	spf_cache_done(&cache);
	arena_done(&arena);
}

static struct resolve_zone *zone_open(struct arena *arena, struct dns_resolver *inner, const char *name)
{
	struct resolve_zone *zone = resolve_zone_new(inner);
	struct diag why = { "", 0, 0 };
	const char *path = arena_printf(arena, "%s/../zone/%s", getenv("TEST_DATA"), name);
	tap_case("%s is read", name);
	CHECK_INT(resolve_zone_load(zone, path, &why), ERR_OK);
	CHECK_STR(why.text, "");
	return zone;
}

static void test_time(struct dns_resolver *resolver)
{
	tap_case("RFC 7208 4.6.4: the time in all is bounded");
	struct arena arena = { 0 };
	struct env env = env_of_fixed(&world);
	struct spf_cache cache;
	spf_cache_init(&cache, &env);
	struct spf_limits limits = spf_limits_default;
	limits.time_ms = 0;
	spf_cache_put(&cache, name_of(&arena, "d.test"), VIEW("v=spf1 a -all"));
	struct spf_context context = { .resolver = resolver, .env = &env, .cache = &cache, .limits = &limits };
	struct spf_verdict verdict;
	const struct row row = { .what = "" };
	struct spf_request request = request_of(&arena, &row);
	spf_eval(&context, &arena, &request, &verdict);
	CHECK_INT(verdict.result, SPF_TEMPERROR);
	spf_cache_done(&cache);
	arena_done(&arena);
}

int main(void)
{
	struct arena arena = { 0 };
	struct dns_table faults;
	dns_table_init(&faults, &arena, NULL);
	CHECK_INT(dns_table_load(&faults,
				 VIEW("a.fault.test *!servfail\nslow.fault.test *!timeout\n"
				      "200.113.0.203.in-addr.arpa *!timeout\n"),
				 NULL),
		  ERR_OK);
	struct resolve_zone *zone = zone_open(&arena, &faults.resolver, "spf.zone");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&rows[i], resolve_zone_resolver(zone));
	test_time(resolve_zone_resolver(zone));
	resolve_zone_close(&zone);
	zone = zone_open(&arena, NULL, "rfc7208-appendix-a.zone");
	for (size_t i = 0; i < ARRAY_LEN(appendix_a); i++)
		check_row(&appendix_a[i], resolve_zone_resolver(zone));
	resolve_zone_close(&zone);
	arena_done(&arena);
	return tap_done();
}
