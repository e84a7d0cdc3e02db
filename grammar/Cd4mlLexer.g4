// Tokens of cd4ml. The input stream hands over bytes, not code points, so a token's place is its byte offset; bytes
// above 0x7F may stand only in texts, backquoted names and comments. Slips of a known kind (`&&`, 'text', an unclosed
// text) are tokens of their own: the token pass of compiler/parse names them and gives each its fix, and no lexer
// error exists. Keywords carry K_ because IN, TRUE and the like are macros somewhere.
lexer grammar Cd4mlLexer;

// ---- reserved words
K_AND : 'and' ;
K_OR : 'or' ;
K_NOT : 'not' ;
K_IS : 'is' ;
K_IN : 'in' ;
K_IF : 'if' ;
K_THEN : 'then' ;
K_ELSE : 'else' ;
K_MATCH : 'match' ;
K_OVER : 'over' ;
K_TRUE : 'true' ;
K_FALSE : 'false' ;
K_NULL : 'null' ;
// The same words in another letter case: reserved too, so that `AND` and `NULL` get one exact message.
MISCASED
  : [aA] [nN] [dD]
  | [oO] [rR]
  | [nN] [oO] [tT]
  | [iI] [sS]
  | [iI] [nN]
  | [iI] [fF]
  | [tT] [hH] [eE] [nN]
  | [eE] [lL] [sS] [eE]
  | [mM] [aA] [tT] [cC] [hH]
  | [oO] [vV] [eE] [rR]
  | [tT] [rR] [uU] [eE]
  | [fF] [aA] [lL] [sS] [eE]
  | [nN] [uU] [lL] [lL]
  ;

// ---- contextual words: names everywhere a name is expected (rule `word` of the parser lists them all)
K_PIPELINE : 'pipeline' ;
K_IMPORT : 'import' ;
K_AS : 'as' ;
K_PARAM : 'param' ;
K_PROFILE : 'profile' ;
K_SCHEMA : 'schema' ;
K_SOURCE : 'source' ;
K_TABLE : 'table' ;
K_FROM : 'from' ;
K_FEATURES : 'features' ;
K_SPLIT : 'split' ;
K_BY : 'by' ;
K_MODEL : 'model' ;
K_PER : 'per' ;
K_EVALUATE : 'evaluate' ;
K_OF : 'of' ;
K_ON : 'on' ;
K_GATE : 'gate' ;
K_DEPLOY : 'deploy' ;
K_WHEN : 'when' ;
K_MONITOR : 'monitor' ;
K_NOTIFY : 'notify' ;
K_STAGE : 'stage' ;
K_FN : 'fn' ;
K_TEST : 'test' ;
K_CHECK : 'check' ;
K_FOR : 'for' ;
K_FILTER : 'filter' ;
K_DERIVE : 'derive' ;
K_SELECT : 'select' ;
K_DROP : 'drop' ;
K_RENAME : 'rename' ;
K_JOIN : 'join' ;
K_INNER : 'inner' ;
K_MANY : 'many' ;
K_ASOF : 'asof' ;
K_WITHIN : 'within' ;
K_AHEAD : 'ahead' ;
K_GROUP : 'group' ;
K_DEDUPE : 'dedupe' ;
K_KEEP : 'keep' ;
K_SAMPLE : 'sample' ;
K_UNION : 'union' ;
K_FILL : 'fill' ;
K_EVERY : 'every' ;
K_TARGET : 'target' ;
K_AFTER : 'after' ;
K_KNOWN : 'known' ;
K_WEIGHT : 'weight' ;
K_USE : 'use' ;
K_ALL : 'all' ;
K_EXCEPT : 'except' ;
K_VIA : 'via' ;
K_TUNE : 'tune' ;
K_MAXIMIZE : 'maximize' ;
K_MINIMIZE : 'minimize' ;
K_THRESHOLD : 'threshold' ;
K_MIN : 'min' ;
K_FALLBACK : 'fallback' ;
K_ROWS : 'rows' ;
K_LOG : 'log' ;
K_REQUIRE : 'require' ;
K_WARN : 'warn' ;
K_OTHERWISE : 'otherwise' ;
K_WORST : 'worst' ;
K_GAP : 'gap' ;
K_RATIO : 'ratio' ;
K_CONFIDENT : 'confident' ;
K_ROLLOUT : 'rollout' ;
K_REQUESTS : 'requests' ;
K_GUARD : 'guard' ;
K_SETTLE : 'settle' ;
K_VERSIONS : 'versions' ;
K_APPROVAL : 'approval' ;
K_OUTPUT : 'output' ;
K_CAPTURE : 'capture' ;
K_LAST : 'last' ;
K_PREVIOUS : 'previous' ;
K_NEXT : 'next' ;
K_UNIT : 'unit' ;
K_METRIC : 'metric' ;
K_WINDOW : 'window' ;
K_BASELINE : 'baseline' ;
K_DRIFT : 'drift' ;
K_QUALITY : 'quality' ;
K_ESTIMATE : 'estimate' ;
K_MISSING : 'missing' ;
K_VOLUME : 'volume' ;
K_FRESHNESS : 'freshness' ;
K_LABELS : 'labels' ;
K_COOLDOWN : 'cooldown' ;
K_BUDGET : 'budget' ;
K_GIVEN : 'given' ;
K_EXPECT : 'expect' ;
K_ERROR : 'error' ;
K_INPUT : 'input' ;
K_TIMEOUT : 'timeout' ;
K_RETRIES : 'retries' ;
K_ENV : 'env' ;
K_REST : 'rest' ;

// ---- names
ID : [A-Za-z_] [A-Za-z0-9_]* ;
QUOTED : '`' ~[`\r\n]* '`' ;

// ---- literals; the exact rules (leading zeros, ranges, escapes, calendar) are checked when they are decoded
INT : DIGITS ;
FLOAT : DIGITS '.' DIGITS EXPONENT? | DIGITS EXPONENT ;
PERCENT : (INT | FLOAT) '%' ;
QUANTITY : (INT | FLOAT) [A-Za-z_] [A-Za-z0-9_]* ;
TEXT : '"' TEXT_PART* '"' ;
RAW_TEXT : 'r"' ~["\r\n]* '"' ;
TIME : '@' DIGIT DIGIT DIGIT DIGIT '-' DIGIT DIGIT '-' DIGIT DIGIT ('T' CLOCK ZONE?)? ;
ROLE : '@' [A-Za-z_] [A-Za-z0-9_]* ;
fragment DIGIT : [0-9] ;
fragment DIGITS : [0-9] [0-9_]* ;
fragment EXPONENT : [eE] [+\-]? [0-9]+ ;
fragment TEXT_PART : ~["\\\r\n] | '\\' ~[\r\n] ;
fragment CLOCK : DIGIT DIGIT ':' DIGIT DIGIT (':' DIGIT DIGIT ('.' DIGIT+)?)? ;
fragment ZONE : 'Z' | [+\-] DIGIT DIGIT ':' DIGIT DIGIT ;

// ---- punctuation
LPAREN : '(' ;
RPAREN : ')' ;
LBRACKET : '[' ;
RBRACKET : ']' ;
LBRACE : '{' ;
RBRACE : '}' ;
COMMA : ',' ;
COLON : ':' ;
ASSIGN : '=' ;
FAT_ARROW : '=>' ;
ARROW : '->' ;
QUESTION : '?' ;
PIPE : '|' ;
CARET : '^' ;
DOT : '.' ;
RANGE : '..' ;
EQUAL : '==' ;
NOT_EQUAL : '!=' ;
LESS : '<' ;
LESS_EQUAL : '<=' ;
GREATER : '>' ;
GREATER_EQUAL : '>=' ;
COALESCE : '??' ;
PLUS : '+' ;
MINUS : '-' ;
STAR : '*' ;
POWER : '**' ;
SLASH : '/' ;
FLOOR_DIVIDE : '//' ;
MODULO : '%' ;

// ---- slips, named by the token pass
UNCLOSED_TEXT : ('"' TEXT_PART* | 'r"' ~["\r\n]*) '\\'? ;
SINGLE_QUOTED : '\'' (~['\\\r\n] | '\\' ~[\r\n])* '\''? ;
UNCLOSED_QUOTED : '`' ~[`\r\n]* ;
BAD_TIME : '@' [0-9]+ ;
BAD_FRACTION : '.' [0-9]+ ;
FOREIGN_AND : '&&' ;
FOREIGN_OR : '||' ;
FOREIGN_NOT : '!' ;
FOREIGN_NOT_EQUAL : '<>' ;
FOREIGN_EQUAL : '===' ;
FOREIGN_DEFINE : ':=' ;
FOREIGN_PIPE : '|>' ;
SEMICOLON : ';' ;

// ---- what the parser does not see
BOM : '\u00EF\u00BB\u00BF' -> skip ;
WHITE_SPACE : [ \t\r\n\f]+ -> skip ;
DOC : '##' (~[#\r\n] ~[\r\n]*)? -> channel(HIDDEN) ;
COMMENT : '#' ~[\r\n]* -> channel(HIDDEN) ;

NON_ASCII : [\u0080-\u00FF]+ ;
ANY : . ;
