BEGIN TRANSACTION;
CREATE TABLE "accounts" (
	login VARCHAR(64) NOT NULL, 
	agent_id VARCHAR(64), 
	password_hash VARCHAR(300) NOT NULL, 
	language VARCHAR(8) DEFAULT 'en' NOT NULL, 
	name VARCHAR(200) DEFAULT '' NOT NULL, 
	role VARCHAR(16) DEFAULT 'agent' NOT NULL, 
	active BOOLEAN DEFAULT 1 NOT NULL, 
	subject VARCHAR(512), 
	CONSTRAINT pk_accounts PRIMARY KEY (login), 
	CONSTRAINT fk_accounts_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE, 
	CONSTRAINT uq_accounts_subject UNIQUE (subject)
);
INSERT INTO "accounts" VALUES('ana','ana','!','en','Ana Kovač','agent',1,NULL);
INSERT INTO "accounts" VALUES('ben','ben','!','en','Ben Okafor','agent',1,NULL);
INSERT INTO "accounts" VALUES('chen','chen','!','en','陈晓 Chen Xiao','agent',1,NULL);
INSERT INTO "accounts" VALUES('sue',NULL,'!','en','Sue Park','supervisor',1,NULL);
CREATE TABLE agent_openings (
	agent_id VARCHAR(64) NOT NULL, 
	intent VARCHAR(64) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	text VARCHAR(300) NOT NULL, 
	CONSTRAINT pk_agent_openings PRIMARY KEY (agent_id, intent, language), 
	CONSTRAINT fk_agent_openings_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE
);
CREATE TABLE "agents" (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	interface VARCHAR(200), 
	languages JSON NOT NULL, 
	skills JSON NOT NULL, 
	region VARCHAR(64), 
	queues JSON NOT NULL, 
	CONSTRAINT pk_agents PRIMARY KEY (id), 
	CONSTRAINT uq_agents_interface UNIQUE (interface)
);
INSERT INTO "agents" VALUES('ana','Ana Kovač','Local/1001@ivr-lab-phones/n','["en", "zh"]','{"delivery": 9, "returns": 5}','Berlin','["orders", "returns", "ivr-fallback"]');
INSERT INTO "agents" VALUES('ben','Ben Okafor','Local/1002@ivr-lab-phones/n','["en"]','{"delivery": 6, "returns": 8, "billing": 7}','Hamburg','["orders", "returns", "billing", "ivr-fallback"]');
INSERT INTO "agents" VALUES('chen','陈晓 Chen Xiao','Local/1003@ivr-lab-phones/n','["zh", "en"]','{"repairs": 9, "sales": 6}','Berlin','["repairs", "sales", "ivr-fallback"]');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE api_keys (
	id VARCHAR(16) NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	scopes JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR(64) NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	used_at DATETIME, 
	CONSTRAINT pk_api_keys PRIMARY KEY (id)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who VARCHAR(80) NOT NULL, 
	role VARCHAR(16), 
	what VARCHAR(40) NOT NULL, 
	target VARCHAR(200), 
	detail JSON NOT NULL, 
	address VARCHAR(64), 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-28 23:41:20.477327','console:shop',NULL,'person.added','sue','{"name": "Sue Park", "role": "supervisor", "active": true, "language": "en", "linked": false, "phone": null, "allowance": null}',NULL);
INSERT INTO "audit" VALUES(2,'2026-11-28 23:41:50.191528','ana','agent','sign_in','ana','{"how": "password"}','127.0.0.1');
INSERT INTO "audit" VALUES(3,'2026-11-28 23:41:52.393345','ben','agent','sign_in','ben','{"how": "password"}','127.0.0.1');
INSERT INTO "audit" VALUES(4,'2026-11-28 23:41:54.502469','chen','agent','sign_in','chen','{"how": "password"}','127.0.0.1');
CREATE TABLE authority (
	agent_id VARCHAR(64) NOT NULL, 
	per_call_cents INTEGER NOT NULL, 
	per_day_cents INTEGER NOT NULL, 
	CONSTRAINT pk_authority PRIMARY KEY (agent_id), 
	CONSTRAINT fk_authority_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE
);
CREATE TABLE call_backs (
	id VARCHAR(36) NOT NULL, 
	number VARCHAR(32) NOT NULL, 
	why VARCHAR(16) NOT NULL, 
	due_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR(80) NOT NULL, 
	source VARCHAR(300) NOT NULL, 
	customer_id VARCHAR(64), 
	contact_id VARCHAR(64), 
	intent VARCHAR(64), 
	queue VARCHAR(64), 
	agent_id VARCHAR(64), 
	language VARCHAR(8) NOT NULL, 
	words TEXT, 
	said_at DATETIME, 
	text VARCHAR(500) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	call VARCHAR(64), 
	last VARCHAR(200), 
	ended_at DATETIME, 
	CONSTRAINT pk_call_backs PRIMARY KEY (id), 
	CONSTRAINT fk_call_backs_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE SET NULL, 
	CONSTRAINT uq_call_backs_source UNIQUE (source)
);
CREATE TABLE cases (
	id VARCHAR(64) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	opened_at DATETIME NOT NULL, 
	intent VARCHAR(64), 
	queue VARCHAR(64), 
	order_id VARCHAR(64), 
	CONSTRAINT pk_cases PRIMARY KEY (id), 
	CONSTRAINT fk_cases_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
INSERT INTO "cases" VALUES('K-12','C1001','Where is order 4711?','open','2026-11-28 03:41:17.000000','late_delivery','orders','4711');
INSERT INTO "cases" VALUES('K-07','C1003','Glass scratched on arrival','waiting','2026-11-19 23:41:17.000000','repair','repairs','4655');
CREATE TABLE "contact_events" (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	facts JSON NOT NULL, 
	entry VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_contact_events PRIMARY KEY (id), 
	CONSTRAINT fk_contact_events_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
INSERT INTO "contact_events" VALUES(1,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:41:54.810610','rang','{"ani": "+8613800138000", "dnis": "4000", "channel": "Local/4000@ivr-in-00000000;2"}','rang');
INSERT INTO "contact_events" VALUES(2,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:41:54.918783','looked_up','{"result": "found", "customer": "C1001", "orders": [["4711", "late"], ["4630", "delivered"]], "cases": [["K-12", "open"]]}','7cc43270-000001');
INSERT INTO "contact_events" VALUES(3,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:41:55.326639','joined','{}','7cc43270-000002');
INSERT INTO "contact_events" VALUES(4,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:41:55.462493','said','{"prompt": "welcome_back", "variant": 0, "text": "Hello Ms Lin.", "language": "en"}','7cc43270-000003');
INSERT INTO "contact_events" VALUES(5,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:41:55.618751','said','{"prompt": "is_it_the_late_order", "variant": 0, "text": "Is it about the late Harbour Classic watch?", "language": "en"}','7cc43270-000004');
INSERT INTO "contact_events" VALUES(6,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.548977','heard','{"text": "my watch was due yesterday and it is not here", "confidence": null, "decode_ms": 13.3, "hypotheses": [["my watch was due yesterday and it is not here", 1.0]], "language": "en", "node": "reason", "asking": "confirm", "began_s": 5.13, "ended_s": 8.78}','7cc43270-000005');
INSERT INTO "contact_events" VALUES(7,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.564573','about','{"intent": "late_delivery"}','7cc43270-000006');
INSERT INTO "contact_events" VALUES(8,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.564695','understood','{"text": "my watch was due yesterday and it is not here", "certainty": "sure", "score": 0.908, "guesses": [["late_delivery", 1.0]], "evidence": [[["phrase", "my watch was due yesterday and it is not here", 0.9151, null], ["phrase", "nobody brought my watch", 0.2377, null], ["phrase", "it should have been here last week", 0.1769, null], ["history", "an order is late", 0.0, {"en": "an order is late", "zh": "\u6709\u8ba2\u5355\u5ef6\u8bef"}], ["history", "an order is under way", 0.0, {"en": "an order is under way", "zh": "\u6709\u8ba2\u5355\u5728\u9014"}]]]}','7cc43270-000007');
INSERT INTO "contact_events" VALUES(9,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.565147','known','{"label": "Order", "label_zh": "\u8ba2\u5355", "value": "4711", "how": "record", "checked": true}','7cc43270-000008');
INSERT INTO "contact_events" VALUES(10,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.572395','asked_source','{"lookup": "order_status", "outcome": "found", "rows": 1, "took_ms": 6.3}','7cc43270-000009');
INSERT INTO "contact_events" VALUES(11,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.573338','known','{"label": "Order status told", "label_zh": "\u5df2\u544a\u77e5\u8ba2\u5355\u72b6\u6001", "value": "late", "how": "done", "checked": true}','7cc43270-000010');
INSERT INTO "contact_events" VALUES(12,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.573584','said','{"prompt": "putting_through", "variant": 0, "text": "One moment.", "language": "en"}','7cc43270-000011');
INSERT INTO "contact_events" VALUES(13,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.573708','decided','{"intent": "late_delivery", "asked_queue": null, "cause": "understood", "troubles": [], "queue": "orders", "priority": 5, "agent": "ana", "reasons": [["asked about \u201cLate delivery\u201d", 1.0, "\u6765\u7535\u539f\u56e0\uff1a\u201c\u914d\u9001\u5ef6\u8bef\u201d"], ["gold customer", 0.5, "\u91d1\u5361\u5ba2\u6237"], ["Ana Kova\u010d solved it last time", 0.4, "\u4e0a\u6b21\u7531Ana Kova\u010d\u89e3\u51b3"], ["open case K-12 with Orders and delivery", 0.35, "\u8ba2\u5355\u4e0e\u914d\u9001\u6709\u672a\u7ed3\u6848\u4ef6 K-12"], ["speaks English", 0.3, "\u4f1a\u8bf4\u82f1\u8bed"], ["skill delivery, 9 of 10", 0.18, "\u6280\u80fd delivery\uff1a9/10"], ["same region: Berlin", 0.1, "\u540c\u4e00\u5730\u533a\uff1aBerlin"]], "runner_up": "ivr-fallback", "runner_up_score": 0.05, "candidates": [["ana", "Ana Kova\u010d", 0.9848, "available", true, [["Ana Kova\u010d solved it last time", 0.4, "\u4e0a\u6b21\u7531Ana Kova\u010d\u89e3\u51b3"], ["speaks English", 0.3, "\u4f1a\u8bf4\u82f1\u8bed"], ["skill delivery, 9 of 10", 0.18, "\u6280\u80fd delivery\uff1a9/10"], ["same region: Berlin", 0.1, "\u540c\u4e00\u5730\u533a\uff1aBerlin"]]], ["ben", "Ben Okafor", 0.424, "available", true, [["speaks English", 0.3, "\u4f1a\u8bf4\u82f1\u8bed"], ["skill delivery, 6 of 10", 0.12, "\u6280\u80fd delivery\uff1a6/10"]]]], "would_change": [["without \u2018Ana Kova\u010d solved it last time\u2019 (0.40) the queue would have chosen", "\u82e5\u6ca1\u6709\u300c\u4e0a\u6b21\u7531Ana Kova\u010d\u89e3\u51b3\u300d\uff080.40\uff09\uff0c\u5c06\u7531\u961f\u5217\u5206\u914d"]]}','7cc43270-000012');
INSERT INTO "contact_events" VALUES(14,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:04.584569','responded','{"noticed": 600.0, "recognised": 614.1, "understood": 616.5, "first_audio": 652.1}','7cc43270-000013');
INSERT INTO "contact_events" VALUES(15,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:05.386643','handed_over','{"queue": "orders", "agent": "ana", "shadow": false}','7cc43270-000014');
INSERT INTO "contact_events" VALUES(16,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:05.393451','agent_ringing','{"leg": "1795909325.2", "agent": "ana", "queue": null, "by": null, "channel": "Local/1001@ivr-lab-phones-00000001;1"}','ring:1795909325.2');
INSERT INTO "contact_events" VALUES(17,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:05.408972','carded','{"leg": "1795909325.2", "agent": "ana", "missing": []}','carded:1795909325.2');
INSERT INTO "contact_events" VALUES(18,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:05.411151','seen','{"agent": "ana", "ms": 17.7}','seen:1795909325.2');
INSERT INTO "contact_events" VALUES(19,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:08.403320','agent_answered','{"leg": "1795909325.2", "agent": "ana", "channel": "Local/1001@ivr-lab-phones-00000001;1"}','answer:1795909325.2');
INSERT INTO "contact_events" VALUES(20,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:14.911759','hung_up','{"cause": 16}','hung_up');
INSERT INTO "contact_events" VALUES(21,'5bd598c6-39a4-48cd-accb-d9d5d9ab9801','2026-11-28 23:42:14.912099','agent_done','{"leg": "1795909325.2", "agent": "ana", "why": "hung_up", "talk_s": 6.5}','over:1795909325.2');
CREATE TABLE contact_legs (
	contact_id VARCHAR(64) NOT NULL, 
	leg VARCHAR(100) NOT NULL, 
	agent_id VARCHAR(64) NOT NULL, 
	queue VARCHAR(64), 
	way VARCHAR(16) NOT NULL, 
	rang_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	ended_at DATETIME, 
	why VARCHAR(32), 
	intent VARCHAR(64), 
	passed_way VARCHAR(16), 
	passed_kind VARCHAR(16), 
	passed_to VARCHAR(64), 
	really VARCHAR(64), 
	outcome VARCHAR(32), passed_why VARCHAR(16), 
	CONSTRAINT pk_contact_legs PRIMARY KEY (contact_id, leg), 
	CONSTRAINT fk_contact_legs_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
INSERT INTO "contact_legs" VALUES('5bd598c6-39a4-48cd-accb-d9d5d9ab9801','1795909325.2','ana',NULL,'direct','2026-11-28 23:42:05.393451','2026-11-28 23:42:08.403320','2026-11-28 23:42:14.912099','hung_up','late_delivery',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE contact_waits (
	contact_id VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	queue VARCHAR(64) NOT NULL, 
	began_at DATETIME NOT NULL, 
	seconds FLOAT NOT NULL, 
	answered BOOLEAN NOT NULL, 
	CONSTRAINT pk_contact_waits PRIMARY KEY (contact_id, number), 
	CONSTRAINT fk_contact_waits_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE
);
INSERT INTO "contact_waits" VALUES('5bd598c6-39a4-48cd-accb-d9d5d9ab9801',0,'orders','2026-11-28 23:42:05.386643',3.02,1);
CREATE TABLE contacts (
	id VARCHAR(64) NOT NULL, 
	channel VARCHAR(16) NOT NULL, 
	customer_id VARCHAR(64), 
	ani VARCHAR(64), 
	dnis VARCHAR(64), 
	language VARCHAR(8), 
	began_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	intent VARCHAR(64), 
	confidence FLOAT, 
	words TEXT, 
	summary VARCHAR(500) NOT NULL, 
	queue VARCHAR(64), 
	agent_id VARCHAR(64), 
	outcome VARCHAR(32), 
	solved BOOLEAN, 
	note TEXT, 
	flow_version VARCHAR(32), external_id VARCHAR(128), shown_name VARCHAR(200), line VARCHAR(200), 
	CONSTRAINT pk_contacts PRIMARY KEY (id), 
	CONSTRAINT fk_contacts_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE SET NULL, 
	CONSTRAINT fk_contacts_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE SET NULL
);
INSERT INTO "contacts" VALUES('d989f544-0b63-5e29-b3b7-af02ba7e559e','chat','C1001',NULL,NULL,NULL,'2026-11-28 03:41:17.000000',NULL,'late_delivery',NULL,NULL,'“Where is my watch? It should be here by now.”',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('2cefc075-8f75-5cc3-bf01-f1bcf44884a5','shop','C1001',NULL,NULL,NULL,'2026-11-18 23:41:17.000000',NULL,NULL,NULL,NULL,'Ordered 4711 Harbour Classic watch',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('f028b554-c79f-5fb4-a7f2-10a597cae6a7','phone','C1001',NULL,NULL,NULL,'2026-10-19 23:41:17.000000',NULL,'late_delivery',NULL,NULL,'Strap arrived late; sent again by express',NULL,'ana',NULL,1,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('ac38a9e3-ed8e-5727-99a8-a841160577ea','mail','C1002',NULL,NULL,NULL,'2026-11-25 23:41:17.000000',NULL,NULL,NULL,NULL,'Order 4802 confirmed',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('fae5c355-0452-5d34-b9a6-467cd391d91c','phone','C1003',NULL,NULL,NULL,'2026-11-28 18:41:17.000000',NULL,'repair',NULL,NULL,'“my watch stopped working”',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('5cfead46-624e-5cec-b95c-aa8e504fab69','app','C1004',NULL,NULL,NULL,'2026-11-27 23:41:17.000000',NULL,NULL,NULL,NULL,'下单 4820 海港月相表',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "contacts" VALUES('5bd598c6-39a4-48cd-accb-d9d5d9ab9801','phone','C1001','+8613800138000','4000','en','2026-11-28 23:41:54.810610',NULL,'late_delivery',1.0,'my watch was due yesterday and it is not here','“my watch was due yesterday and it is not here”','orders','ana',NULL,NULL,'','ae074d6c923e',NULL,'Lin Mei','Local/4000@ivr-in-00000000;2');
CREATE TABLE customer_consents (
	customer_id VARCHAR(64) NOT NULL, 
	calls BOOLEAN NOT NULL, 
	told_at DATETIME NOT NULL, 
	how VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_customer_consents PRIMARY KEY (customer_id), 
	CONSTRAINT fk_customer_consents_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
CREATE TABLE customer_numbers (
	number VARCHAR(32) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_customer_numbers PRIMARY KEY (number), 
	CONSTRAINT fk_customer_numbers_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
INSERT INTO "customer_numbers" VALUES('+8613800138000','C1001');
INSERT INTO "customer_numbers" VALUES('+4930901820','C1002');
INSERT INTO "customer_numbers" VALUES('+4930901821','C1003');
INSERT INTO "customer_numbers" VALUES('+8613900139000','C1004');
CREATE TABLE customer_preferences (
	customer_id VARCHAR(64) NOT NULL, 
	keys BOOLEAN NOT NULL, 
	slow BOOLEAN NOT NULL, 
	loud BOOLEAN NOT NULL, 
	language VARCHAR(8), 
	agreed_at DATETIME NOT NULL, 
	CONSTRAINT pk_customer_preferences PRIMARY KEY (customer_id), 
	CONSTRAINT fk_customer_preferences_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
CREATE TABLE customer_proofs (
	customer_id VARCHAR(64) NOT NULL, 
	pin_hash VARCHAR(300), 
	failures INTEGER DEFAULT '0' NOT NULL, 
	locked_until DATETIME, 
	proved_at DATETIME, 
	CONSTRAINT pk_customer_proofs PRIMARY KEY (customer_id), 
	CONSTRAINT fk_customer_proofs_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
INSERT INTO "customer_proofs" VALUES('C1001','!',0,NULL,NULL);
INSERT INTO "customer_proofs" VALUES('C1004','!',0,NULL,NULL);
CREATE TABLE customers (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	language VARCHAR(8), 
	tier VARCHAR(16) DEFAULT 'standard' NOT NULL, 
	region VARCHAR(64), 
	salutation VARCHAR(100), 
	salutation_zh VARCHAR(100), 
	email VARCHAR(200), 
	note TEXT, 
	CONSTRAINT pk_customers PRIMARY KEY (id)
);
INSERT INTO "customers" VALUES('C1001','Lin Mei 林美','en','gold','Berlin','Ms Lin','林女士','lin.mei@example.com','Prefers to be called back in the evening');
INSERT INTO "customers" VALUES('C1002','Anna Schmidt','en','standard','Hamburg','Ms Schmidt','施密特女士','anna@example.com',NULL);
INSERT INTO "customers" VALUES('C1003','Tom Baker','en','silver','Berlin','Mr Baker','贝克先生',NULL,NULL);
INSERT INTO "customers" VALUES('C1004','王芳','zh','vip','Berlin','Ms Wang','王女士',NULL,'只用中文沟通');
CREATE TABLE orders (
	id VARCHAR(64) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	product VARCHAR(200) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	ordered_at DATETIME NOT NULL, 
	due_at DATETIME, 
	amount VARCHAR(32), 
	CONSTRAINT pk_orders PRIMARY KEY (id), 
	CONSTRAINT fk_orders_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
INSERT INTO "orders" VALUES('4711','C1001','Harbour Classic watch','late','2026-11-18 23:41:17.000000','2026-11-27 23:41:17.000000','189.00 EUR');
INSERT INTO "orders" VALUES('4630','C1001','Leather strap','delivered','2026-10-11 23:41:17.000000','2026-10-18 23:41:17.000000','25.00 EUR');
INSERT INTO "orders" VALUES('4802','C1002','Harbour Diver watch','shipped','2026-11-25 23:41:17.000000','2026-11-30 23:41:17.000000','249.00 EUR');
INSERT INTO "orders" VALUES('4655','C1003','Harbour Field watch','delivered','2026-10-29 23:41:17.000000','2026-11-04 23:41:17.000000','139.00 EUR');
INSERT INTO "orders" VALUES('4820','C1004','海港月相表','processing','2026-11-27 23:41:17.000000','2026-12-04 23:41:17.000000','459.00 EUR');
CREATE TABLE settlements (
	id INTEGER NOT NULL, 
	contact_id VARCHAR(64) NOT NULL, 
	agent_id VARCHAR(64) NOT NULL, 
	customer_id VARCHAR(64), 
	order_id VARCHAR(64), 
	product VARCHAR(200), 
	intent VARCHAR(64) NOT NULL, 
	offer VARCHAR(64) NOT NULL, 
	accepted BOOLEAN NOT NULL, 
	cost_cents INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_settlements PRIMARY KEY (id), 
	CONSTRAINT fk_settlements_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id) ON DELETE CASCADE, 
	CONSTRAINT fk_settlements_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE SET NULL
);
CREATE TABLE signals (
	id VARCHAR(64) NOT NULL, 
	kind VARCHAR(64) NOT NULL, 
	external_id VARCHAR(128) NOT NULL, 
	customer_id VARCHAR(64) NOT NULL, 
	product VARCHAR(200), 
	order_id VARCHAR(64), 
	at DATETIME NOT NULL, 
	text VARCHAR(500) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_signals PRIMARY KEY (id), 
	CONSTRAINT fk_signals_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
CREATE TABLE webhook_events (
	id INTEGER NOT NULL, 
	webhook_id VARCHAR(16) NOT NULL, 
	event VARCHAR(64) NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	stream VARCHAR(64) NOT NULL, 
	body TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	tries INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	next_at DATETIME NOT NULL, 
	done_at DATETIME, 
	error VARCHAR(64), 
	CONSTRAINT pk_webhook_events PRIMARY KEY (id), 
	CONSTRAINT fk_webhook_events_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE
);
CREATE TABLE webhooks (
	id VARCHAR(16) NOT NULL, 
	url VARCHAR(500) NOT NULL, 
	events JSON NOT NULL, 
	words BOOLEAN NOT NULL, 
	active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by VARCHAR(80) NOT NULL, 
	salt VARCHAR(32) NOT NULL, 
	secret_check VARCHAR(16) NOT NULL, 
	old_salt VARCHAR(32), 
	old_until DATETIME, 
	off_why VARCHAR(32), 
	left_out INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id)
);
CREATE INDEX ix_customer_numbers_customer_id ON customer_numbers (customer_id);
CREATE INDEX ix_orders_customer_id ON orders (customer_id);
CREATE INDEX ix_cases_customer_id ON cases (customer_id);
CREATE INDEX ix_contacts_customer_began ON contacts (customer_id, began_at);
CREATE INDEX ix_accounts_agent_id ON accounts (agent_id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_who ON audit (who);
CREATE INDEX ix_audit_target ON audit (target);
CREATE TRIGGER audit_stays_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_stays_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE INDEX ix_customers_email ON customers (lower(email));
CREATE UNIQUE INDEX ix_contacts_channel_external ON contacts (channel, external_id);
CREATE INDEX ix_signals_customer_expires ON signals (customer_id, expires_at);
CREATE UNIQUE INDEX ix_signals_kind_external ON signals (kind, external_id);
CREATE INDEX ix_contacts_ended_began ON contacts (ended_at, began_at);
CREATE INDEX ix_contact_events_contact_id ON contact_events (contact_id);
CREATE UNIQUE INDEX ix_contact_events_entry ON contact_events (contact_id, entry);
CREATE INDEX ix_contact_legs_agent_rang ON contact_legs (agent_id, rang_at);
CREATE INDEX ix_settlements_contact_id ON settlements (contact_id);
CREATE INDEX ix_settlements_agent_at ON settlements (agent_id, at);
CREATE INDEX ix_settlements_customer_at ON settlements (customer_id, at);
CREATE UNIQUE INDEX ix_settlements_contact_offer ON settlements (contact_id, offer);
CREATE INDEX ix_webhook_events_done_at ON webhook_events (done_at);
CREATE UNIQUE INDEX ix_webhook_events_event ON webhook_events (webhook_id, event);
CREATE INDEX ix_webhook_events_waiting ON webhook_events (webhook_id, state, stream, id);
CREATE INDEX ix_call_backs_customer_id ON call_backs (customer_id);
CREATE INDEX ix_call_backs_state_due ON call_backs (state, due_at);
CREATE INDEX ix_contact_waits_began_at ON contact_waits (began_at);
CREATE INDEX ix_contact_events_kind_at ON contact_events (kind, at);
COMMIT;
