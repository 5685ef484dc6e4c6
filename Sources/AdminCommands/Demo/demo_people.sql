-- {{count}} made-up people, the same at every run; the caller puts the number in. It belongs to nobody: the names are
-- common ones of many languages, the addresses are in domains reserved for examples (RFC 2606).
-- Everybody's password is "Convonet-demo-1" (bcrypt at cost 4, so that a demo signs in at once), except that every
-- fiftieth person signs in through SSO. Person 7 has very long names, person 11 has accents as combining marks.

CREATE TEMPORARY TABLE demo_names (culture int, place int, given text, family text, given_ascii text, family_ascii text);

INSERT INTO demo_names VALUES
    (0, 0, 'Emily', 'Carter', 'emily', 'carter'), (0, 1, 'Thomas', 'O''Connor', 'thomas', 'oconnor'),
    (0, 2, 'Mary Jane', 'Whitfield-Hughes', 'maryjane', 'whitfieldhughes'), (0, 3, 'Bo', 'Li', 'bo', 'li'),
    (0, 4, 'Rhys', 'D’Arcy', 'rhys', 'darcy'), (0, 5, 'Grace', 'Mensah', 'grace', 'mensah'),
    (1, 0, 'François', 'Lefèvre', 'francois', 'lefevre'), (1, 1, 'Anne-Sophie', 'Dubois', 'annesophie', 'dubois'),
    (1, 2, 'Chloé', 'Hélie', 'chloe', 'helie'), (1, 3, 'Raphaël', 'L''Huillier', 'raphael', 'lhuillier'),
    (1, 4, 'Maëlys', 'Garçon', 'maelys', 'garcon'), (1, 5, 'Noël', 'de la Tour', 'noel', 'delatour'),
    (2, 0, 'Jürgen', 'Schäfer', 'juergen', 'schaefer'), (2, 1, 'Käthe', 'Groß', 'kaethe', 'gross'),
    (2, 2, 'Søren', 'Kjærgaard', 'soren', 'kjaergaard'), (2, 3, 'Åse', 'Bjørnsson', 'aase', 'bjornsson'),
    (2, 4, 'Guðrún', 'Þorsteinsdóttir', 'gudrun', 'thorsteinsdottir'), (2, 5, 'Jan-Willem', 'van den Berg', 'janwillem', 'vandenberg'),
    (3, 0, 'Agnieszka', 'Wójcik', 'agnieszka', 'wojcik'), (3, 1, 'Jiří', 'Dvořák', 'jiri', 'dvorak'),
    (3, 2, 'Łucja', 'Żeleńska', 'lucja', 'zelenska'), (3, 3, 'Zsófia', 'Kővári', 'zsofia', 'kovari'),
    (3, 4, 'Željko', 'Šarić', 'zeljko', 'saric'), (3, 5, 'Şebnem', 'Işıkoğlu', 'sebnem', 'isikoglu'),
    (4, 0, 'Inés', 'Muñoz', 'ines', 'munoz'), (4, 1, 'João', 'Conceição', 'joao', 'conceicao'),
    (4, 2, 'María José', 'de la Fuente', 'mariajose', 'delafuente'), (4, 3, 'Beñat', 'Echeverría', 'benat', 'echeverria'),
    (4, 4, 'Niccolò', 'Dell''Acqua', 'niccolo', 'dellacqua'), (4, 5, 'Andreia', 'Simões', 'andreia', 'simoes'),
    (5, 0, '伟', '陈', 'wei', 'chen'), (5, 1, '秀英', '张', 'xiuying', 'zhang'),
    (5, 2, '子轩', '欧阳', 'zixuan', 'ouyang'), (5, 3, '美玲', '林', 'meiling', 'lin'),
    (5, 4, '志明', '黃', 'zhiming', 'huang'), (5, 5, '雪', '吴', 'xue', 'wu'),
    (6, 0, '陽子', '田中', 'yoko', 'tanaka'), (6, 1, 'ひなた', '高橋', 'hinata', 'takahashi'),
    (6, 2, 'ケンジ', '渡辺', 'kenji', 'watanabe'), (6, 3, '지우', '박', 'jiu', 'bak'),
    (6, 4, '하은', '최', 'haeun', 'choi'), (6, 5, '도윤', '남궁', 'doyun', 'namgung'),
    (7, 0, 'Алексей', 'Смирнов', 'aleksei', 'smirnov'), (7, 1, 'Наталья', 'Кузнецова', 'natalya', 'kuznetsova'),
    (7, 2, 'Їванна', 'Шевченко', 'yivanna', 'shevchenko'), (7, 3, 'Љубица', 'Ђорђевић', 'ljubica', 'djordjevic'),
    (7, 4, 'Фёдор', 'Щукин', 'fyodor', 'shchukin'), (7, 5, 'Зорница', 'Ангелова', 'zornitsa', 'angelova'),
    (8, 0, 'Δημήτρης', 'Βασιλείου', 'dimitris', 'vasileiou'), (8, 1, 'Αικατερίνη', 'Γεωργίου', 'aikaterini', 'georgiou'),
    (8, 2, 'Σπύρος', 'Οικονόμου', 'spyros', 'oikonomou'), (8, 3, 'Անի', 'Գրիգորյան', 'ani', 'grigoryan'),
    (8, 4, 'ნინო', 'ბერიძე', 'nino', 'beridze'), (8, 5, 'Άννα', 'Καραγιάννη', 'anna', 'karagianni'),
    (9, 0, 'أحمد', 'الخطيب', 'ahmad', 'alkhatib'), (9, 1, 'ليلى', 'منصور', 'layla', 'mansour'),
    (9, 2, 'عبد الله', 'بن يوسف', 'abdullah', 'binyousef'), (9, 3, 'شیرین', 'رضایی', 'shirin', 'rezaei'),
    (9, 4, 'תמר', 'פרידמן', 'tamar', 'friedman'), (9, 5, 'אורי', 'בן־דוד', 'uri', 'bendavid'),
    (10, 0, 'กมลวรรณ', 'วงศ์สวัสดิ์', 'kamonwan', 'wongsawat'), (10, 1, 'ณัฐพล', 'แก้วมณี', 'natthaphon', 'kaewmanee'),
    (10, 2, 'Thị Hồng', 'Đặng', 'thihong', 'dang'), (10, 3, 'Minh Quân', 'Phạm', 'minhquan', 'pham'),
    (10, 4, 'Putri', 'Wibowo', 'putri', 'wibowo'), (10, 5, 'សុភា', 'ចាន់', 'sophea', 'chan'),
    (11, 0, 'राहुल', 'वर्मा', 'rahul', 'verma'), (11, 1, 'अनुष्का', 'श्रीवास्तव', 'anushka', 'srivastava'),
    (11, 2, 'লায়লা', 'চৌধুরী', 'laila', 'chowdhury'), (11, 3, 'கவிதா', 'சுப்பிரமணியன்', 'kavitha', 'subramanian'),
    (11, 4, 'Chukwuemeka', 'Adébáyọ̀', 'chukwuemeka', 'adebayo'), (11, 5, 'Nokuthula', 'Dlamini', 'nokuthula', 'dlamini');

-- Indexes are built after the rows: a million rows then load in about half the time.
DROP INDEX ix_users_convonet_email, ix_users_convonet_username, ix_users_convonet_voice_pin;

-- Given and family name come from the same group of languages; neighbours come from different ones.
INSERT INTO users_convonet
SELECT
    md5('convonet demo person ' || n)::uuid,
    g.given_ascii || '.' || f.family_ascii || n || '@example.' || (ARRAY['com', 'org', 'net'])[1 + n % 3],
    g.given_ascii || n,
    CASE WHEN n % 50 = 0 THEN 'FRONTEGG_SSO_USER'
         ELSE '$2b$04$eOS1tySQPBcM2elLh0gxCOkJ2a58EnKxVl0Jg0wZHHPeyrKk6Jate' END,
    CASE n WHEN 7 THEN 'Maria Antónia Josefina Carolina Wilhelmina Aurélia Constança Leopoldina Francisca Xavier de Paula'
           WHEN 11 THEN U&'Zoe\0301 A\030Asa' ELSE g.given END,
    CASE n WHEN 7 THEN 'de Albuquerque e Vasconcelos Pereira-Fitzgerald von und zu Hohenstaufen-Montgomery y Santillana'
           WHEN 11 THEN U&'Nu\0303n\0303ez-Mu\0308ller' ELSE f.family END,
    -- A prime step through all six-digit numbers meets none twice; a person beyond the millionth has no PIN.
    CASE WHEN n % 5 <> 3 AND n < 1000000 THEN lpad(((n::bigint * 641467 + 271828) % 1000000)::text, 6, '0') END,
    n % 13 <> 0,
    n % 7 <> 0,
    joined,
    greatest(joined, joined + (n % 211) * interval '1 day 3 hours'),
    CASE WHEN n % 4 <> 2 THEN joined + (n % 307 + 1) * interval '1 day 5 hours 7 minutes' END
FROM generate_series(1, {{count}}) AS n
CROSS JOIN LATERAL (SELECT timestamptz '2023-02-01 08:00:00Z' + (n::bigint * 7919 % 1000000) * interval '83 seconds' AS joined) AS times
JOIN demo_names AS g ON g.culture = n * 5 % 12 AND g.place = n / 12 % 6
JOIN demo_names AS f ON f.culture = n * 5 % 12 AND f.place = n / 72 % 6;

CREATE UNIQUE INDEX ix_users_convonet_email ON users_convonet (email);
CREATE UNIQUE INDEX ix_users_convonet_username ON users_convonet (username);
CREATE UNIQUE INDEX ix_users_convonet_voice_pin ON users_convonet (voice_pin);

INSERT INTO teams_convonet
SELECT md5('convonet demo team ' || n)::uuid, 'Team ' || n, 'Made up for the demo', n % 9 <> 0,
       timestamptz '2023-01-15 09:00:00Z', timestamptz '2023-01-15 09:00:00Z'
FROM generate_series(1, 12) AS n;

INSERT INTO team_memberships_convonet
SELECT md5('convonet demo membership ' || n)::uuid, md5('convonet demo team ' || (1 + n % 12))::uuid,
       md5('convonet demo person ' || n)::uuid, (ARRAY['owner', 'admin', 'member', 'viewer'])[1 + n / 12 % 4],
       timestamptz '2023-03-01 09:00:00Z', timestamptz '2023-03-01 09:00:00Z'
FROM generate_series(1, least({{count}}, 3000)) AS n;

DROP TABLE demo_names;
ANALYZE users_convonet, teams_convonet, team_memberships_convonet;
