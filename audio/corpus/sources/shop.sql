-- The sample shop's books on the day of the corpus.
create table faults (region text not null, text_en text not null, text_zh text not null, until text not null);
create table visits (day text not null, at text not null, customer text, primary key (day, at));
create table regions (prefix text primary key, region text not null, region_zh text not null);
create table returns (order_id text not null, customer text not null, asked_at text not null);
create table moves (ani text, post_code text not null, region text, day text not null, asked_at text not null);
create table repairs (customer text not null, watch text not null, state text not null, ready text not null);
create table balances (customer text primary key, amount text not null, due text not null);
insert into faults values ('Hamburg', 'Deliveries in Hamburg are one day late at the moment, because the parcel centre is flooded.', '由于汉堡包裹中心进水，目前汉堡的配送会晚一天。', '2026-11-19');
insert into regions values ('1', 'Berlin', '柏林'), ('20', 'Hamburg', '汉堡'), ('21', 'Hamburg', '汉堡'), ('22', 'Hamburg', '汉堡'), ('8', 'Munich', '慕尼黑'), ('50', 'Cologne', '科隆');
with recursive days(day) as (select date('2026-11-19') union all select date(day, '+1 day') from days limit 59)
insert into visits select day, at, null from days, (select '09:30' as at union select '11:00' union select '14:30' union select '16:00');
update visits set customer = '+491510000131' where day = '2026-11-26' and at = '11:00';
update visits set customer = '+491510000132' where day = '2026-11-26' and at = '14:30';
update visits set customer = '+491510000151' where day = '2026-11-27' and at = '11:00';
insert into balances values ('C1001', '189.00 EUR', '2026-11-30'), ('C1003', '24.50 EUR', '2026-11-30');
insert into repairs values ('C1001', 'Harbour Moon', 'at work', '2026-11-25'), ('C1002', 'Harbour Classic', 'ready', '2026-11-19'), ('C1004', '海港经典表', 'part', '2026-11-25');
