"""Mistakes in config.toml, and the whole sentence that each is told with: what is wrong, in which line, what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config.load import ConfigError, load

MISTAKES: dict[str, tuple[str, list[str]]] = {
    "unknown table": (
        "[asterix]\n",
        ["my.toml:1: asterix: there is no such table; did you mean 'asterisk'? Known here are asterisk, media, web, oidc, database, directory, dialogue, sources, identity, privacy, recording, records, routing, desk, callbacks and 7 more"],
    ),
    "unknown key": (
        "[asterisk]\nhots = \"x\"\n",
        ["my.toml:2: [asterisk] hots: there is no such key; did you mean 'host'? Known here are host, port, username, secret_file"],
    ),
    "a table that is none": (
        "web = 8080\n",
        ["my.toml:1: [web]: 8080 is no table, and one is needed"],
    ),
    "text for a number": (
        "[media]\nport = \"high\"\n",
        ["my.toml:2: [media] port: 'high' is no whole number: write one without quotes, as in 5"],
    ),
    "port too high": (
        "[web]\nport = 70000\n",
        ["my.toml:2: [web] port: 70000 is too large: it must be 65535 or less"],
    ),
    "empty host": (
        "[web]\nhost = \"\"\n",
        ["my.toml:2: [web] host: is empty, and something must stand here"],
    ),
    "country in words": (
        "[database]\ncountry = \"Germany\"\n",
        ["my.toml:2: [database] country: 'Germany' is not right here: write the two capital letters of a country, as in \"DE\""],
    ),
    "negative time": (
        "[dialogue]\nlookup_wait_ms = -1\n",
        ["my.toml:2: [dialogue] lookup_wait_ms: -1 is too small: it must be 0 or more"],
    ),
    "too short for anybody": (
        "[dialogue]\nrobot_max_s = 5\n",
        ["my.toml:2: [dialogue] robot_max_s: 5 is too small: it must be 30 or more"],
    ),
    "speech that never begins": (
        "[speech_in]\nbegin_ms = 500\n",
        ["my.toml:2: [speech_in] begin_ms: 500 is too large: it must be 140 or less"],
    ),
    "provider that anybody could listen to": (
        "[oidc]\nissuer = \"http://id.example\"\nclient_id = \"x\"\nredirect_uri = \"https://h/b\"\n",
        ["my.toml:2: [oidc] issuer: write an https:// address; http:// is for a trial on this machine only"],
    ),
    "no address at all": (
        "[oidc]\nredirect_uri = \"/back\"\n",
        ["my.toml:2: [oidc] redirect_uri: write an https:// address; http:// is for a trial on this machine only"],
    ),
    "provider without a client": (
        "[oidc]\nissuer = \"https://id.example\"\n",
        ["my.toml:2: [oidc] issuer: needs client_id and redirect_uri beside it"],
    ),
    "groups that are never asked for": (
        "[oidc.roles]\nleads = \"supervisor\"\n",
        ["my.toml: [oidc] role_claim: goes together with roles: write both, or neither"],
    ),
    "role that does not exist": (
        "[oidc]\nrole_claim = \"groups\"\n\n[oidc.roles]\nleads = \"king\"\n",
        ["my.toml:5: [oidc] roles.leads: 'king' is none of agent, supervisor, admin"],
    ),
    "CRM without an address": (
        "[directory]\nkind = \"http\"\n",
        ["my.toml:1: [directory] url: is missing: kind = \"http\" needs the address of the customers' system with {number} in it"],
    ),
    "file without a path": (
        "[directory]\nkind = \"csv\"\n",
        ['my.toml:1: [directory] file: is missing: kind = "csv" needs the place of the table of customers'],
    ),
    "CRM that is told no number": (
        "[directory]\nurl = \"https://crm.example.com/all\"\n",
        ['my.toml:2: [directory] url: write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'],
    ),
    "CRM at a host that the caller chooses": (
        "[directory]\nurl = \"https://{number}.example.com/\"\n",
        ['my.toml:2: [directory] url: write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'],
    ),
    "CRM with a password in its address": (
        "[directory]\nurl = \"https://me:x@crm.example.com/{number}\"\n",
        ['my.toml:2: [directory] url: write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'],
    ),
    "CRM that is a file": (
        "[directory]\nurl = \"file:///etc/{number}\"\n",
        ['my.toml:2: [directory] url: write an address with {number} in it: "https://crm.example.com/api/customers?phone={number}"'],
    ),
    "time that no call can wait": (
        "[directory]\ntimeout_ms = 60000\n",
        ["my.toml:2: [directory] timeout_ms: 60000 is too large: it must be 4000 or less"],
    ),
    "customers without a name": (
        "[directory.fields]\nid = \"ref\"\n",
        ['my.toml:1: [directory] fields: needs id and name: write fields = { id = "their column", name = "their column" }'],
    ),
    "field that we have not": (
        "[directory.fields]\nid = \"a\"\nname = \"b\"\nage = \"c\"\n",
        ["my.toml:4: [directory] fields.age: 'age' is none of id, name, numbers, language, tier, vip, region, salutation, salutation_zh, email, note, orders, cases"],
    ),
    "cases in a file": (
        "[directory]\nkind = \"csv\"\nfile = \"c.csv\"\n\n[directory.fields]\nid = \"a\"\nname = \"b\"\ncases = \"c\"\n",
        ['my.toml:5: [directory] fields: cases cannot be had with kind = "csv": leave it out'],
    ),
    "path that is none": (
        "[directory]\nrecord = \"data..x\"\n",
        ["my.toml:2: [directory] record: 'data..x' is not right here: write names with a point between them, as in \"data.customer\""],
    ),
    "page that runs": (
        "[desk]\npop_url = \"javascript:alert(1)\"\n",
        ['my.toml:2: [desk] pop_url: write an http:// or https:// address: "https://crm.example.com/customer/{customer.id}"'],
    ),
    "page at a host that the caller chooses": (
        "[desk]\npop_url = \"https://{ani}.example.com/\"\n",
        ['my.toml:2: [desk] pop_url: write an http:// or https:// address: "https://crm.example.com/customer/{customer.id}"'],
    ),
    "page of somebody unknown": (
        "[desk]\npop_url = \"https://crm.example.com/{customer.pin}\"\n",
        ["my.toml:2: [desk] pop_url: there is no {customer.pin}; did you mean 'customer.id'? Known are customer.id, customer.name, customer.email, call, ani, dnis, intent, queue, language, agent"],
    ),
    "speech server without ws": (
        "[speech_in]\nremote_en = \"http://ears:2700\"\n",
        ["my.toml:2: [speech_in] remote_en: 'http://ears:2700' is no address of a speech server: write \"ws://HOST:2700\", or wss:// with TLS"],
    ),
    "speech server without a host": (
        "[speech_in]\nremote_zh = [\n    \"ws://a:1\",\n    \"wss://\",\n]\n",
        ["my.toml:2: [speech_in] remote_zh: 'wss://' is no address of a speech server: write \"ws://HOST:2700\", or wss:// with TLS"],
    ),
    "speech server that is no text": (
        "[speech_in]\nremote_zh = [\n    5,\n]\n",
        ['my.toml:2: [speech_in] remote_zh: 5 is no address of a speech server: write "ws://HOST:2700", or wss:// with TLS'],
    ),
    "backlog": (
        "[speech_in]\nbacklog_ms = 10\n",
        ["my.toml:2: [speech_in] backlog_ms: 10 is too small: it must be 50 or more"],
    ),
    "aggressiveness": (
        "[speech_in]\nvoice_aggressiveness = 4\n",
        ["my.toml:2: [speech_in] voice_aggressiveness: 4 is too large: it must be 3 or less"],
    ),
    "a weight that takes away": (
        "[routing]\nskill_weight = -1\n",
        ["my.toml:2: [routing] skill_weight: -1 is too small: it must be 0 or more"],
    ),
    "a mode that there is not": (
        "[routing]\nmode = \"off\"\n",
        ["my.toml:2: [routing] mode: 'off' is none of on, shadow"],
    ),
    "points at once": (
        "[routing]\npriority_every_s = 0\n",
        ["my.toml:2: [routing] priority_every_s: 0 is too small: it must be 1 or more"],
    ),
    "rate": (
        "[speech_out]\nrate_wpm = 1000\n",
        ["my.toml:2: [speech_out] rate_wpm: 1000 is too large: it must be 300 or less"],
    ),
    "level": (
        "[log]\nlevel = \"loud\"\n",
        ["my.toml:2: [log] level: 'loud' is none of debug, info, warning, error"],
    ),
    "encoder": (
        "[understanding]\nencoder = \"big\"\n",
        ["my.toml:2: [understanding] encoder: 'big' is none of auto, off"],
    ),
    "table with a letter too few": (
        "[speech_in]\nthreads = 1\n[speach_out]\nrate_wpm = 100\n",
        ["my.toml:3: speach_out: there is no such table; did you mean 'speech_out'? Known here are asterisk, media, web, oidc, database, directory, dialogue, sources, identity, privacy, recording, records, routing, desk, callbacks and 7 more"],
    ),
    "key of another table": (
        "[web]\nhost = \"127.0.0.1\"\nsecret_file = \"x\"\n",
        ["my.toml:3: [web] secret_file: there is no such key; known here are host, port, secure_cookies, hosts, second_factor, session_hours, trust_forwarded_for, key_requests_per_s, key_file"],
    ),
    "key in capitals": (
        "[web]\nPort = 80\n",
        ["my.toml:2: [web] Port: there is no such key; did you mean 'port'? Known here are host, port, secure_cookies, hosts, second_factor, session_hours, trust_forwarded_for, key_requests_per_s, key_file"],
    ),
    "key that nothing is like": (
        "[privacy]\nxyzzy = 1\n",
        ["my.toml:2: [privacy] xyzzy: there is no such key; known here are card_safe, words_days, notes_days, contacts_days, events_days, signals_days, call_backs_days, audit_days"],
    ),
    "key outside of any table": (
        "port = 80\n",
        ["my.toml:1: port: stands outside of any table: write it below [asterisk] or [media] or [web]"],
    ),
    "dotted key": (
        "web.prot = 80\n",
        ["my.toml:1: [web] prot: there is no such key; did you mean 'port'? Known here are host, port, secure_cookies, hosts, second_factor, session_hours, trust_forwarded_for, key_requests_per_s, key_file"],
    ),
    "key in an inline table": (
        "web = { host = \"127.0.0.1\", prot = 80 }\n",
        ["my.toml:1: [web] prot: there is no such key; did you mean 'port'? Known here are host, port, secure_cookies, hosts, second_factor, session_hours, trust_forwarded_for, key_requests_per_s, key_file"],
    ),
    "key in an inline table of a table": (
        "[directory]\nkind = \"http\"\nfields = { id = \"a\", name = \"b\", phone = \"c\" }\n",
        ["my.toml:3: [directory] fields.phone: 'phone' is none of id, name, numbers, language, tier, vip, region, salutation, salutation_zh, email, note, orders, cases"],
    ),
    "entry of a list over several lines": (
        "[callbacks]\ndays = [\n  \"mon\",\n  \"tues\",\n]\n",
        ["my.toml:4: [callbacks] days.1: 'tues' is none of mon, tue, wed, thu, fri, sat, sun; did you mean 'tue'?"],
    ),
    "table twice in brackets": (
        "[[web]]\nport = 80\n",
        ["my.toml:1: [web]: stands there several times: write one table, with one pair of brackets"],
    ),
    "number in quotes with a unit": (
        "[routing]\nwrap_up_s = \"60 s\"\n",
        ["my.toml:2: [routing] wrap_up_s: '60 s' is no whole number: write one without quotes, as in 5"],
    ),
    "half a second": (
        "[routing]\nwrap_up_s = 0.5\n",
        ["my.toml:2: [routing] wrap_up_s: 0.5 is no whole number: write one without quotes, as in 5"],
    ),
    "truth in words": (
        "[desk]\npop_open = \"maybe\"\n",
        ["my.toml:2: [desk] pop_open: 'maybe' is neither true nor false: write one of them, without quotes"],
    ),
    "truth as a number": (
        "[desk]\npop_open = 5\n",
        ["my.toml:2: [desk] pop_open: 5 is neither true nor false: write one of them, without quotes"],
    ),
    "text without quotes that is a number": (
        "[speech_out]\nvoice_en = 5\n",
        ["my.toml:2: [speech_out] voice_en: 5 is no text: write it between quotes"],
    ),
    "list that is a text": (
        "[desk]\noutside = \"+49\"\n",
        ["my.toml:2: [desk] outside: '+49' is no list: write it between brackets, as in [\"one\", \"two\"]"],
    ),
    "text that is a list": (
        "[web]\nhost = [\"a\"]\n",
        ["my.toml:2: [web] host: a list is no text: write it between quotes"],
    ),
    "no number": (
        "[routing]\nskill_weight = nan\n",
        ["my.toml:2: [routing] skill_weight: nan is no number that can be counted with"],
    ),
    "too many digits behind the point": (
        "[offers]\nper_call = \"a lot\"\n",
        ["my.toml:2: [offers] per_call: 'a lot' is not right here: write a number without quotes, as in 0.5"],
    ),
    "earliest after latest": (
        "[callbacks]\nearliest = \"20:00\"\nlatest = \"09:00\"\n",
        ["my.toml:2: [callbacks] earliest: 20:00 must be before latest, 09:00: else nobody is ever called"],
    ),
    "earliest is latest": (
        "[callbacks]\nearliest = \"09:00\"\nlatest = \"09:00\"\n",
        ["my.toml:2: [callbacks] earliest: 09:00 must be before latest, 09:00: else nobody is ever called"],
    ),
    "time without a zero": (
        "[callbacks]\nearliest = \"9:00\"\n",
        ["my.toml:2: [callbacks] earliest: '9:00' is not right here: write a time from \"00:00\" to \"23:59\", as in \"09:00\""],
    ),
    "day in full": (
        "[callbacks]\ndays = [\"monday\"]\n",
        ["my.toml:2: [callbacks] days.0: 'monday' is none of mon, tue, wed, thu, fri, sat, sun; did you mean 'mon'?"],
    ),
    "number without its end": (
        "[callbacks]\nshown = \"+49301\"\n",
        ["my.toml:2: [callbacks] shown: '+49301' is no whole telephone number of any country: write one as \"+49301234567\""],
    ),
    "number of no country": (
        "[callbacks]\nshown = \"+99912345678\"\n",
        ["my.toml:2: [callbacks] shown: '+99912345678' is no whole telephone number of any country: write one as \"+49301234567\""],
    ),
    "number with spaces": (
        "[callbacks]\nshown = \"+49 30 1234567\"\n",
        ["my.toml:2: [callbacks] shown: '+49 30 1234567' is not right here: write a number without spaces, as in \"+49301234567\""],
    ),
    "beginning without +": (
        "[callbacks]\nnumbers = [\"49\"]\n",
        ["my.toml:2: [callbacks] numbers.0: '49' is not right here: write how numbers begin, with their country, as in \"+49\""],
    ),
    "outside that is no number": (
        "[desk]\noutside = [\"DE\"]\n",
        ["my.toml:2: [desk] outside.0: 'DE' is not right here: write how numbers begin, as in \"+49\""],
    ),
    "source of another kind": (
        "[sources]\nshop = \"ftp://shop.example.com\"\n",
        ["my.toml:2: [sources] shop: 'ftp://shop.example.com' is no source: write sqlite:///FILE, postgresql://USER@HOST/NAME, http://HOST or https://HOST"],
    ),
    "source that is a path": (
        "[sources]\nshop = \"var/shop.db\"\n",
        ["my.toml:2: [sources] shop: 'var/shop.db' is no source: write sqlite:///FILE, postgresql://USER@HOST/NAME, http://HOST or https://HOST"],
    ),
    "source with a password": (
        "[sources]\nshop = \"mysql://me:hunter2@db/shop\"\n",
        ["my.toml:2: [sources] shop: 'mysql://me:…@db/shop' is no source: write sqlite:///FILE, postgresql://USER@HOST/NAME, http://HOST or https://HOST"],
    ),
    "source without a host": (
        "[sources]\nshop = \"https://\"\n",
        ["my.toml:2: [sources] shop: 'https://' is no source: write sqlite:///FILE, postgresql://USER@HOST/NAME, http://HOST or https://HOST"],
    ),
    "source's name": (
        "[sources]\nMyShop = \"sqlite:///x.db\"\n",
        ["my.toml:2: [sources] MyShop: 'MyShop' is not right here: write a name of small letters, digits and _, as in shop"],
    ),
    "source that is a table": (
        "[sources.shop]\nurl = \"sqlite:///x.db\"\n",
        ["my.toml:1: [sources] shop: a table is no text: write it between quotes"],
    ),
    "database of another kind": (
        "[database]\nurl = \"mysql://me:hunter2@db/ivr\"\n",
        ["my.toml:2: [database] url: 'mysql://me:…@db/ivr' is no database: write sqlite:///FILE or postgresql://USER@HOST/NAME"],
    ),
    "database that is a path": (
        "[database]\nurl = \"var/ivr.db\"\n",
        ["my.toml:2: [database] url: 'var/ivr.db' is no database: write sqlite:///FILE or postgresql://USER@HOST/NAME"],
    ),
    "zone with a typing mistake": (
        "[dialogue]\nzone = \"Europe/Berln\"\n",
        ["my.toml:2: [dialogue] zone: there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"],
    ),
    "zone that is none": (
        "[dialogue]\nzone = \"Mars\"\n",
        ["my.toml:2: [dialogue] zone: there is no time zone 'Mars': write a name as \"Europe/Berlin\""],
    ),
    "zone that leads out": (
        "[dialogue]\nzone = \"../../etc/passwd\"\n",
        ["my.toml:2: [dialogue] zone: there is no time zone '../../etc/passwd': write a name as \"Europe/Berlin\""],
    ),
    "currency as a sign": (
        "[dialogue]\ncurrency = \"€\"\n",
        ["my.toml:2: [dialogue] currency: '€' is not right here: write the three capital letters of a currency, as in \"EUR\""],
    ),
    "country in small letters": (
        "[database]\ncountry = \"de\"\n",
        ["my.toml:2: [database] country: 'de' is not right here: write the two capital letters of a country, as in \"DE\""],
    ),
    "web and media on one port": (
        "[web]\nport = 9092\n",
        ["my.toml:2: [web] port: 9092 is [media] port, too: each needs one of its own"],
    ),
    "web and manager on one port": (
        "[web]\nhost = \"0.0.0.0\"\nport = 5038\n",
        ["my.toml:3: [web] port: 5038 is [asterisk] port, too: each needs one of its own"],
    ),
    "media and manager on one port": (
        "[media]\nhost = \"127.0.0.1\"\nport = 5038\n",
        ["my.toml:3: [media] port: 5038 is [asterisk] port, too: each needs one of its own"],
    ),
    "path without /": (
        "[identity]\ncode_path = \"codes\"\n",
        ["my.toml:2: [identity] code_path: 'codes' is not right here: write a path that begins with /, as in \"/codes\""],
    ),
    "ICE server": (
        "[softphone]\nice_servers = [\"stun.example.com\"]\n",
        ["my.toml:2: [softphone] ice_servers.0: 'stun.example.com' is not right here: write an address as \"stun:stun.example.com:3478\""],
    ),
    "softphone's address": (
        "[softphone]\naddress = \"https://pbx.example.com/ws\"\n",
        ["my.toml:2: [softphone] address: 'https://pbx.example.com/ws' is not right here: write an address as \"wss://pbx.example.com:8089/ws\""],
    ),
    "softphone without an address": (
        "[softphone]\nenabled = true\n",
        ["my.toml:2: [softphone] enabled: needs address, where Asterisk's WebSocket is, and passwords_file"],
    ),
    "scopes without openid": (
        "[oidc]\nissuer = \"https://id.example\"\nclient_id = \"x\"\nredirect_uri = \"https://h/b\"\nscopes = [\"email\"]\n",
        ['my.toml:5: [oidc] scopes: "openid" is missing: write scopes = ["openid", "profile", "email"]'],
    ),
    "engine that there is not": (
        "[speech_out]\nengine_en = \"espeak\"\n",
        ["my.toml:2: [speech_out] engine_en: 'espeak' is none of pyttsx3, flite, rhvoice"],
    ),
    "engine for another language": (
        "[speech_out]\nengine_zh = \"flite\"\n",
        ["my.toml:2: [speech_out] engine_zh: 'flite' is not right here: write pyttsx3, or leave it out"],
    ),
    "encoding": (
        "[directory]\nencoding = \"latin-1\"\n",
        ["my.toml:2: [directory] encoding: 'latin-1' is none of utf-8, gb18030"],
    ),
    "too long": (
        "[oidc]\nissuer = \"https://id.example/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"\n",
        ["my.toml:2: [oidc] issuer: is too long: it may have 200 characters at most"],
    ),
    "level with a letter wrong": (
        "[log]\nlevel = \"warn\"\n",
        ["my.toml:2: [log] level: 'warn' is none of debug, info, warning, error; did you mean 'warning'?"],
    ),
    "name with its scheme": (
        "[web]\nhosts = [\"https://desk.example.com\"]\n",
        [
            "my.toml:2: [web] hosts.0: 'https://desk.example.com' is not right here: write a name alone, as browsers ask for it: "
            '"desk.example.com", without https:// and port'
        ],
    ),
    "empty key file": (
        "[webhooks]\nkey_file = \"\"\n",
        ["my.toml:2: [webhooks] key_file: is empty, and something must stand here"],
    ),
    "two mistakes": (
        "[web]\nport = -1\nprot = 1\n[log]\nlevel = \"loud\"\n",
        ["my.toml:2: [web] port: -1 is too small: it must be 0 or more", "my.toml:3: [web] prot: there is no such key; did you mean 'port'? Known here are host, port, secure_cookies, hosts, second_factor, session_hours, trust_forwarded_for, key_requests_per_s, key_file", "my.toml:5: [log] level: 'loud' is none of debug, info, warning, error"],
    ),
    "typographic quotes": (
        "[web]\nhost = “127.0.0.1”\n",
        ['my.toml:2: not TOML: “ is a typographic quotation mark: write " before and behind a text; the line is: host = “127.0.0.1”'],
    ),
    "closing quote that is typographic": (
        "[web]\nhost = \"127.0.0.1”\nport = 80\n",
        ['my.toml:2: not TOML: ” is a typographic quotation mark: write " before and behind a text; the line is: host = "127.0.0.1”'],
    ),
    "no quotes": (
        "[dialogue]\nzone = Europe/Berlin\n",
        ['my.toml:2: not TOML: a text stands between quotes: write "Europe/Berlin"; the line is: zone = Europe/Berlin'],
    ),
    "full-width equals": (
        "[web]\nport＝80\n",
        ["my.toml:2: not TOML: ＝ is a full-width sign, as a Chinese keyboard types it: write =; the line is: port＝80"],
    ),
    "full-width comma": (
        "[callbacks]\ndays = [\"mon\"，\"tue\"]\n",
        ['my.toml:2: not TOML: ， is a full-width sign, as a Chinese keyboard types it: write ,; the line is: days = ["mon"，"tue"]'],
    ),
    "full-width brackets": (
        "【web】\nport = 80\n",
        ["my.toml:1: not TOML: 【 is a full-width sign, as a Chinese keyboard types it: write [; the line is: 【web】"],
    ),
    "full-width digits": (
        "[web]\nport = ８０\n",
        ["my.toml:2: not TOML: ８ is a full-width sign, as a Chinese keyboard types it: write 8; the line is: port = ８０"],
    ),
    "wide space": (
        "[web]\nport =\u300080\n",
        ["my.toml:2: not TOML: a wide or fixed space stands here, as web pages and Chinese keyboards have it: type an ordinary one; the line is: port =\u300080"],
    ),
    "fixed space": (
        "[web]\nport\u00a0= 80\n",
        ["my.toml:2: not TOML: a wide or fixed space stands here, as web pages and Chinese keyboards have it: type an ordinary one; the line is: port\u00a0= 80"],
    ),
    "colon": (
        "[web]\nport: 80\n",
        ["my.toml:2: not TOML: between a key and its value stands =, not :; the line is: port: 80"],
    ),
    "no equals": (
        "[web]\nport 80\n",
        ["my.toml:2: not TOML: = is missing behind the key; the line is: port 80"],
    ),
    "no value": (
        "[web]\nport =\n",
        ["my.toml:2: not TOML: nothing stands behind the =: write a value; the line is: port ="],
    ),
    "True": (
        "[desk]\npop_open = True\n",
        ["my.toml:2: not TOML: True is no value: write true or false; the line is: pop_open = True"],
    ),
    "decimal comma": (
        "[routing]\nskill_weight = 0,3\n",
        ["my.toml:2: not TOML: a number has a point and no comma: write 0.3; the line is: skill_weight = 0,3"],
    ),
    "clock without quotes": (
        "[callbacks]\nearliest = 09:00\n",
        ['my.toml:2: not TOML: what is no plain number stands between quotes: write "09:00"; the line is: earliest = 09:00'],
    ),
    "quote that is not closed": (
        "[web]\nhost = \"127.0.0.1\nport = 80\n",
        ['my.toml:2: not TOML: a text is not closed: write " at its end, too; the line is: host = "127.0.0.1'],
    ),
    "bracket that is not closed": (
        "[callbacks]\ndays = [\"mon\",\n  \"tue\"\nattempts = 3\n",
        ['my.toml:2: not TOML: the list that begins here is not closed: write ] at its end; the line is: days = ["mon",'],
    ),
    "table's bracket that is not closed": (
        "[web\nport = 80\n",
        ["my.toml:1: not TOML: the name of a table is not closed: write ] at its end; the line is: [web"],
    ),
    "brace that is not closed": (
        "[directory]\nfields = { id = \"a\"\nfile = \"x\"\n",
        ['my.toml:2: not TOML: a table in braces is not closed: write } at its end, in the same line; the line is: fields = { id = "a"'],
    ),
    "comma that is missing": (
        "[callbacks]\ndays = [\"mon\" \"tue\"]\n",
        ['my.toml:2: not TOML: a comma is missing before "tue"; the line is: days = ["mon" "tue"]'],
    ),
    "comma too many": (
        "[callbacks]\ndays = [\"mon\",, \"tue\"]\n",
        ['my.toml:2: not TOML: there is a comma too many; the line is: days = ["mon",, "tue"]'],
    ),
    "semicolon": (
        "[web]\nport = 80;\n",
        ["my.toml:2: not TOML: nothing may stand behind a value: take the ; away; the line is: port = 80;"],
    ),
    "note with slashes": (
        "// the web\n[web]\nport = 80\n",
        ["my.toml:1: not TOML: a note begins with #; the line is: // the web"],
    ),
    "note with slashes behind a value": (
        "[web]\nport = 80 // the web\n",
        ["my.toml:2: not TOML: a note begins with #; the line is: port = 80 // the web"],
    ),
    "table twice": (
        "[web]\nport = 80\n[media]\n[web]\nhost = \"x\"\n",
        ["my.toml:4: not TOML: [web] stands in line 1 already: put both together; the line is: [web]"],
    ),
    "key twice": (
        "[web]\nport = 80\nhost = \"x\"\nport = 81\n",
        ["my.toml:4: not TOML: web.port stands in line 2 already: keep one of them; the line is: port = 81"],
    ),
    "backslashes": (
        "[speech_out]\nfolder = \"C:\\Users\\ivr\"\n",
        ["my.toml:2: not TOML: a backslash is written \\\\ between double quotes, or the text stands between single ones: 'C:\\calls'; the line is: folder = \"C:\\Users\\ivr\""],
    ),
    "quotes in quotes": (
        "[oidc]\nname = \"the \"big\" house\"\n",
        ['my.toml:2: not TOML: a quotation mark inside of a text ends it: put such a text between single quotes, or write \\" in it; the line is: name = "the "big" house"'],
    ),
    "two keys in a line": (
        "[web]\nport = 80 host = \"x\"\n",
        ['my.toml:2: not TOML: each key has a line of its own: begin a new line before host; the line is: port = 80 host = "x"'],
    ),
    "password in a line that is wrong": (
        "[database]\nurl = postgresql://ivr:hunter2@db/ivr\n",
        ['my.toml:2: not TOML: a text stands between quotes: write "postgresql://ivr:…@db/ivr"; the line is: url = postgresql://ivr:…@db/ivr'],
    ),
    "a tab is a space": (
        "[web]\n\tport\t=\t70000\n",
        ["my.toml:2: [web] port: 70000 is too large: it must be 65535 or less"],
    ),
}  # fmt: skip


def told(path: Path, raw: bytes) -> list[str]:
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    return [problem.replace(str(path), path.name) for problem in refused.value.problems]


@pytest.mark.parametrize(("written", "sentences"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(written: str, sentences: list[str], tmp_path: Path) -> None:
    assert told(tmp_path / "my.toml", written.encode()) == sentences


ENCODINGS: dict[str, tuple[bytes, list[str]]] = {
    "UTF-16 of Windows": ('[oidc]\nname = "Zürich"\n'.encode("utf-16"), ['my.toml:1: is no UTF-8 text, it looks like UTF-16 (what Windows calls "Unicode"): save it as UTF-8']),
    "UTF-16 without a mark": ('[oidc]\nname = "Zürich"\n'.encode("utf-16-be"), ['my.toml:1: is no UTF-8 text, it looks like UTF-16 (what Windows calls "Unicode"): save it as UTF-8']),
    "GB18030": ('[oidc]\nname = "钟表店，您好"\n'.encode("gb18030"), ["my.toml:2: is no UTF-8 text, it looks like GB18030 (GBK): save it as UTF-8"]),
    "Latin-1": ('[oidc]\nname = "Zürich"\n'.encode("latin-1"), ['my.toml:2: is no UTF-8 text, it looks like Windows-1252 or Latin-1 ("ANSI"): save it as UTF-8']),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["my.toml:1: is no text: another kind of file stands here"]),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "sentences"), ENCODINGS.values(), ids=ENCODINGS.keys())
def test_encoding(raw: bytes, sentences: list[str], tmp_path: Path) -> None:
    assert told(tmp_path / "my.toml", raw) == sentences


def test_mark_and_line_ends_of_windows_are_read(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes('\ufeff[oidc]\r\nname = "Zürich"\r\n[web]\r\nport = 81\r\n'.encode())
    config = load(path, {})
    assert (config.oidc.name, config.web.port) == ("Zürich", 81)


@pytest.mark.parametrize(("table", "key"), [("dialogue", "folder"), ("recording", "corpus"), ("speech_out", "folder")])
def test_folder_that_is_a_file(table: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no folder")
    found = told(tmp_path / "my.toml", f'[{table}]\n{key} = "x"\n'.encode())
    assert found == [f"my.toml:2: [{table}] {key}: x is a file, and a folder is needed"]
