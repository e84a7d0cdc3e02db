// The syntax of cd4ml. Line breaks mean nothing: every declaration and item begins with a name or a contextual word, an
// expression is continued only by punctuation or a reserved word, so an item ends where the next begins. Never add an
// item that starts with a reserved word, a literal or a bracket, nor an optional clause whose first word could start an
// item of the same block. No predicates; SLL prediction is enough (a test holds that full context is never tried).
//
// Operators are parsed flat and given their precedence by compiler/parse/build_operators.cpp, so that long chains
// cost no stack. A rule named …Block is `{ item* }`: errors are reported and skipped item by item there.
parser grammar Cd4mlParser;
options { tokenVocab = Cd4mlLexer; }

file : decl* EOF ;

decl
  : pipelineDecl | paramDecl | sourceDecl | tableDecl | featuresDecl | splitDecl | modelDecl | evaluateDecl | gateDecl
  | deployDecl | notifyDecl | importDecl | profileDecl | schemaDecl | unitDecl | fnDecl | stageDecl | monitorDecl
  | testDecl | metricDecl ;

pipelineDecl : K_PIPELINE name ;

paramDecl : K_PARAM name COLON type (ASSIGN arith)? (K_IN rangeSpec)? ;

sourceDecl : K_SOURCE name ASSIGN operand (COLON nodeRef)? sourceBlock? ;
sourceBlock : LBRACE sourceItem* RBRACE ;
sourceItem : requireItem | field ;
field : name COLON type fieldClause* COMMA? ;
fieldClause : ROLE | K_CHECK expr (K_FOR amount)? | K_FROM (TEXT | RAW_TEXT) ;

tableDecl : K_TABLE name K_FROM nodeRef tableBlock ;
tableBlock : LBRACE tableItem* RBRACE ;
tableItem
  : filterVerb | deriveVerb | selectVerb | dropVerb | renameVerb | joinVerb | asofVerb | groupVerb | dedupeVerb
  | sampleVerb | unionVerb | fillVerb | requireItem ;
filterVerb : K_FILTER expr ;
deriveVerb : K_DERIVE name ASSIGN expr ROLE* ;
selectVerb : K_SELECT nameList ;
dropVerb : K_DROP nameList ;
renameVerb : K_RENAME name K_AS name ;
joinVerb : K_JOIN joinKind? nodeRef K_ON joinKey (COMMA joinKey)* (K_AS name)? ;
joinKind : K_INNER | K_MANY ;
joinKey : name (EQUAL name)? ;
asofVerb : K_ASOF nodeRef K_ON joinKey (COMMA joinKey)* (K_WITHIN arith)? (K_AHEAD arith)? (K_AS name)? ;
groupVerb : K_GROUP K_BY groupKey (COMMA groupKey)* groupBlock ;
groupKey : name (ASSIGN expr)? ;
groupBlock : LBRACE groupItem* RBRACE ;
groupItem : name ASSIGN expr ;
dedupeVerb : K_DEDUPE K_BY nameList K_KEEP name (K_BY name)? ;
sampleVerb : K_SAMPLE amount ;
unionVerb : K_UNION nodeRef ;
fillVerb : K_FILL K_EVERY arith K_BY nameList ;

// Of a source, a table and a gate; the checker knows which clauses each may have.
requireItem : (K_REQUIRE | K_WARN) condition (K_CONFIDENT amount)? (K_FOR amount (K_OF name)?)? ;
condition : sliceTerm (comparison (sliceTerm | arith))? | expr ;
sliceTerm : (K_WORST | K_GAP | K_RATIO) metricName (DOT name)* args? K_BY nameList ((PLUS | MINUS) operand)* ;

featuresDecl : K_FEATURES name K_FROM nodeRef featuresBlock ;
featuresBlock : LBRACE featuresItem* RBRACE ;
featuresItem : targetItem | weightItem | useItem | featureItem ;
targetItem : K_TARGET expr (K_VIA name)? (K_AFTER arith)? (K_KNOWN nameList)? ;
weightItem : K_WEIGHT expr ;
useItem : K_USE (K_ALL K_EXCEPT nameList | nameList) ;
featureItem : featureName ASSIGN expr ;

splitDecl : K_SPLIT nodeRef (COMMA nodeRef)* K_BY operand splitBlock ;
splitBlock : LBRACE splitItem* RBRACE ;
splitItem : name (amount | K_REST) ;

modelDecl : K_MODEL name (K_PER nameList)? ASSIGN operand (direction operand)? modelBlock? ;
modelBlock : LBRACE modelItem* RBRACE ;
modelItem : tuneItem | thresholdItem | minRowsItem | fallbackItem ;
tuneItem : K_TUNE K_BY operand direction operand tuneBlock ;
tuneBlock : LBRACE tuneRange* RBRACE ;
tuneRange : name K_IN rangeSpec ;
thresholdItem : K_THRESHOLD (direction operand | arith) ;
minRowsItem : K_MIN amount K_ROWS ;
fallbackItem : K_FALLBACK name ;
direction : K_MAXIMIZE | K_MINIMIZE ;

evaluateDecl : K_EVALUATE name K_OF nodeRef K_ON nodeRef evaluateBlock ;
evaluateBlock : LBRACE evaluateItem* RBRACE ;
evaluateItem : (name ASSIGN expr | metricName args?) (K_BY nameList)? (K_MIN INT K_ROWS)? ;

gateDecl : K_GATE name K_ON nodeRef (COMMA nodeRef)* gateBlock ;
gateBlock : LBRACE gateItem* RBRACE ;
gateItem : requireItem | otherwiseItem ;
otherwiseItem : K_OTHERWISE actions ;
actions : action (COMMA action)* ;
action : K_NOTIFY nodeRef | actionName args? ;

deployDecl : K_DEPLOY name K_OF nodeRef (K_WHEN nodeRef)? deployBlock? ;
deployBlock : LBRACE deployItem* RBRACE ;
deployItem
  : rolloutItem | guardItem | settleItem | keepItem | approvalItem | afterItem | outputItem | captureItem | whenItem ;
rolloutItem : K_ROLLOUT rolloutStep (COMMA rolloutStep)* ;
rolloutStep : name (list | amount (K_REQUESTS | K_ROWS)?) ;
guardItem : K_GUARD expr ;
settleItem : K_SETTLE amount ;
keepItem : K_KEEP amount K_VERSIONS ;
approvalItem : K_APPROVAL amount K_FROM braces ;
afterItem : K_AFTER nodeRef amount? ;
outputItem : K_OUTPUT name ASSIGN expr ;
captureItem : K_CAPTURE amount ;
whenItem : K_WHEN name FAT_ARROW actions ;

notifyDecl : K_NOTIFY name ASSIGN operand ;

importDecl : K_IMPORT (TEXT | RAW_TEXT) K_AS name ;

profileDecl : K_PROFILE name profileBlock ;
profileBlock : LBRACE profileItem* RBRACE ;
profileItem : nodeRef ASSIGN arith ;

schemaDecl : K_SCHEMA name sourceBlock ;

unitDecl : K_UNIT name ASSIGN arith ;

fnDecl : K_FN name LPAREN (fnParameter (COMMA fnParameter)* COMMA?)? RPAREN ARROW type ASSIGN expr ;
fnParameter : name COLON type ;

stageDecl : K_STAGE name ASSIGN operand stageBlock? ;
stageBlock : LBRACE stageItem* RBRACE ;
stageItem : inputItem | stageOutputItem | timeoutItem | retriesItem | envItem ;
inputItem : K_INPUT (name ASSIGN nodeRef | (name ASSIGN)? (TEXT | RAW_TEXT)) ;
stageOutputItem : K_OUTPUT name ASSIGN (TEXT | RAW_TEXT) ;
timeoutItem : K_TIMEOUT amount ;
retriesItem : K_RETRIES amount ;
envItem : K_ENV braces ;

monitorDecl : K_MONITOR name K_OF nodeRef monitorBlock? ;
monitorBlock : LBRACE monitorItem* RBRACE ;
monitorItem
  : windowItem | baselineItem | driftItem | estimateItem | dataItem | requireItem | labelsItem | cooldownItem | budgetItem
  | everyItem | eventItem ;
windowItem : K_WINDOW amount (K_MIN amount K_ROWS)? ;
baselineItem : K_BASELINE name amount? ;
driftItem : K_DRIFT args? nameList (K_BY nameList)? ;
estimateItem : K_ESTIMATE metricName args? ;
dataItem : K_QUALITY | K_MISSING | K_VOLUME | K_SCHEMA | K_FRESHNESS amount ;
labelsItem : K_LABELS K_WITHIN amount ;
cooldownItem : K_COOLDOWN amount ;
budgetItem : K_BUDGET amount K_PER amount ;
everyItem : K_EVERY amount FAT_ARROW actions ;
eventItem : K_WHEN name (GREATER_EQUAL amount)? FAT_ARROW actions ;

testDecl : K_TEST (TEXT | RAW_TEXT) testBlock ;
testBlock : LBRACE testItem* RBRACE ;
testItem : givenItem | expectItem ;
givenItem : K_GIVEN nodeRef ASSIGN list ;
expectItem : K_EXPECT (K_ERROR (TEXT | RAW_TEXT) | expr (K_WITHIN arith)?) ;

// Of a later step: enough to know its name and where it ends.
metricDecl : K_METRIC name ASSIGN expr ;

// ---- types
type : name typeArguments? QUESTION? ;
typeArguments : LESS angle GREATER | braces | LBRACKET arith RBRACKET ;
angle : angleTerm ((STAR | SLASH) angleTerm)* ;
angleTerm : INT | type ((CARET | POWER) MINUS? INT)? ;

// ---- ranges and amounts
rangeSpec : K_LOG? bound RANGE bound | braces | list ;
bound : MINUS? (INT | FLOAT | PERCENT | QUANTITY) | TIME | nodeRef | parenthesised ;
amount : INT | FLOAT | PERCENT | QUANTITY | parenthesised ;

// ---- expressions, loosest first
expr : conditional | boolean ;
conditional : K_IF boolean K_THEN expr elseIf* K_ELSE boolean ;
elseIf : K_ELSE K_IF boolean K_THEN expr ;
boolean : K_NOT* arith test* ((K_AND | K_OR) K_NOT* arith test*)* ;
test : comparison arith | K_IS K_NOT? K_NULL | K_NOT? K_IN arith ;
comparison : EQUAL | NOT_EQUAL | LESS | LESS_EQUAL | GREATER | GREATER_EQUAL ;
arith : operand (binary operand)* ;
binary : RANGE | COALESCE | PLUS | MINUS | STAR | SLASH | FLOOR_DIVIDE | MODULO | POWER ;
operand : MINUS* atom suffix* ;
suffix : DOT name args? | K_OVER window ;
atom : literal | reference | parenthesised | list | braces | matchExpr ;
reference : name args? ;
parenthesised : LPAREN expr RPAREN ;
list : LBRACKET (expr (COMMA expr)* COMMA?)? RBRACKET ;
// A set, or a record when every entry has a name.
braces : LBRACE (arg (COMMA arg)* COMMA?)? RBRACE ;
args : LPAREN (arg (COMMA arg)* COMMA?)? RPAREN ;
arg : (name COLON)? expr K_ROWS? ;
matchExpr : K_MATCH arith LBRACE matchArm (COMMA matchArm)* COMMA? RBRACE ;
matchArm : (K_ELSE | arith (PIPE arith)*) FAT_ARROW expr ;
window
  : LPAREN ((K_BY name (COMMA name)* | frame) (COMMA frame)* COMMA?)? RPAREN ;
frame : K_GAP arith | K_LAST arith | K_NEXT arith | K_PREVIOUS amount K_ROWS ;
literal
  : INT | FLOAT | PERCENT | QUANTITY | TEXT | RAW_TEXT | TIME | K_TRUE | K_FALSE | K_NULL ;

// ---- names
nodeRef : name (DOT name)* ;
nameList : name (COMMA name)* ;
name : ID | QUOTED | K_BY | K_NOTIFY | K_TARGET | K_WEIGHT | K_USE | K_AFTER | K_KNOWN | K_GROUP
  | K_PIPELINE | K_IMPORT | K_AS | K_PARAM | K_PROFILE | K_SCHEMA | K_SOURCE | K_TABLE | K_FROM | K_FEATURES |
  K_SPLIT | K_MODEL | K_PER | K_EVALUATE | K_OF | K_ON | K_GATE | K_DEPLOY | K_WHEN | K_MONITOR | K_STAGE | K_FN
  | K_TEST | K_CHECK | K_FOR | K_FILTER | K_DERIVE | K_SELECT | K_DROP | K_RENAME | K_JOIN | K_INNER | K_MANY |
  K_ASOF | K_WITHIN | K_AHEAD | K_DEDUPE | K_KEEP | K_SAMPLE | K_UNION | K_FILL | K_EVERY | K_ALL | K_EXCEPT |
  K_VIA | K_TUNE | K_MAXIMIZE | K_MINIMIZE | K_THRESHOLD | K_MIN | K_FALLBACK | K_ROWS | K_LOG | K_REQUIRE |
  K_WARN | K_OTHERWISE | K_WORST | K_GAP | K_RATIO | K_CONFIDENT | K_ROLLOUT | K_REQUESTS | K_GUARD | K_SETTLE |
  K_VERSIONS | K_APPROVAL | K_OUTPUT | K_CAPTURE | K_LAST | K_PREVIOUS | K_NEXT | K_UNIT | K_METRIC |
  K_WINDOW | K_BASELINE | K_DRIFT | K_QUALITY | K_ESTIMATE | K_MISSING | K_VOLUME |
  K_FRESHNESS | K_LABELS | K_COOLDOWN | K_BUDGET | K_GIVEN | K_EXPECT | K_ERROR | K_INPUT | K_TIMEOUT | K_RETRIES |
  K_ENV | K_REST ;
metricName : ID | QUOTED | K_NOTIFY | K_TARGET | K_WEIGHT | K_USE | K_AFTER | K_KNOWN | K_GROUP
  | K_PIPELINE | K_IMPORT | K_AS | K_PARAM | K_PROFILE | K_SCHEMA | K_SOURCE | K_TABLE | K_FROM | K_FEATURES |
  K_SPLIT | K_MODEL | K_PER | K_EVALUATE | K_OF | K_ON | K_GATE | K_DEPLOY | K_WHEN | K_MONITOR | K_STAGE | K_FN
  | K_TEST | K_CHECK | K_FOR | K_FILTER | K_DERIVE | K_SELECT | K_DROP | K_RENAME | K_JOIN | K_INNER | K_MANY |
  K_ASOF | K_WITHIN | K_AHEAD | K_DEDUPE | K_KEEP | K_SAMPLE | K_UNION | K_FILL | K_EVERY | K_ALL | K_EXCEPT |
  K_VIA | K_TUNE | K_MAXIMIZE | K_MINIMIZE | K_THRESHOLD | K_MIN | K_FALLBACK | K_ROWS | K_LOG | K_REQUIRE |
  K_WARN | K_OTHERWISE | K_WORST | K_GAP | K_RATIO | K_CONFIDENT | K_ROLLOUT | K_REQUESTS | K_GUARD | K_SETTLE |
  K_VERSIONS | K_APPROVAL | K_OUTPUT | K_CAPTURE | K_LAST | K_PREVIOUS | K_NEXT | K_UNIT | K_METRIC |
  K_WINDOW | K_BASELINE | K_DRIFT | K_QUALITY | K_ESTIMATE | K_MISSING | K_VOLUME |
  K_FRESHNESS | K_LABELS | K_COOLDOWN | K_BUDGET | K_GIVEN | K_EXPECT | K_ERROR | K_INPUT | K_TIMEOUT | K_RETRIES |
  K_ENV | K_REST ;
actionName : ID | QUOTED | K_BY | K_TARGET | K_WEIGHT | K_USE | K_AFTER | K_KNOWN | K_GROUP
  | K_PIPELINE | K_IMPORT | K_AS | K_PARAM | K_PROFILE | K_SCHEMA | K_SOURCE | K_TABLE | K_FROM | K_FEATURES |
  K_SPLIT | K_MODEL | K_PER | K_EVALUATE | K_OF | K_ON | K_GATE | K_DEPLOY | K_WHEN | K_MONITOR | K_STAGE | K_FN
  | K_TEST | K_CHECK | K_FOR | K_FILTER | K_DERIVE | K_SELECT | K_DROP | K_RENAME | K_JOIN | K_INNER | K_MANY |
  K_ASOF | K_WITHIN | K_AHEAD | K_DEDUPE | K_KEEP | K_SAMPLE | K_UNION | K_FILL | K_EVERY | K_ALL | K_EXCEPT |
  K_VIA | K_TUNE | K_MAXIMIZE | K_MINIMIZE | K_THRESHOLD | K_MIN | K_FALLBACK | K_ROWS | K_LOG | K_REQUIRE |
  K_WARN | K_OTHERWISE | K_WORST | K_GAP | K_RATIO | K_CONFIDENT | K_ROLLOUT | K_REQUESTS | K_GUARD | K_SETTLE |
  K_VERSIONS | K_APPROVAL | K_OUTPUT | K_CAPTURE | K_LAST | K_PREVIOUS | K_NEXT | K_UNIT | K_METRIC |
  K_WINDOW | K_BASELINE | K_DRIFT | K_QUALITY | K_ESTIMATE | K_MISSING | K_VOLUME |
  K_FRESHNESS | K_LABELS | K_COOLDOWN | K_BUDGET | K_GIVEN | K_EXPECT | K_ERROR | K_INPUT | K_TIMEOUT | K_RETRIES |
  K_ENV | K_REST ;
featureName : ID | QUOTED | K_BY | K_NOTIFY
  | K_PIPELINE | K_IMPORT | K_AS | K_PARAM | K_PROFILE | K_SCHEMA | K_SOURCE | K_TABLE | K_FROM | K_FEATURES |
  K_SPLIT | K_MODEL | K_PER | K_EVALUATE | K_OF | K_ON | K_GATE | K_DEPLOY | K_WHEN | K_MONITOR | K_STAGE | K_FN
  | K_TEST | K_CHECK | K_FOR | K_FILTER | K_DERIVE | K_SELECT | K_DROP | K_RENAME | K_JOIN | K_INNER | K_MANY |
  K_ASOF | K_WITHIN | K_AHEAD | K_DEDUPE | K_KEEP | K_SAMPLE | K_UNION | K_FILL | K_EVERY | K_ALL | K_EXCEPT |
  K_VIA | K_TUNE | K_MAXIMIZE | K_MINIMIZE | K_THRESHOLD | K_MIN | K_FALLBACK | K_ROWS | K_LOG | K_REQUIRE |
  K_WARN | K_OTHERWISE | K_WORST | K_GAP | K_RATIO | K_CONFIDENT | K_ROLLOUT | K_REQUESTS | K_GUARD | K_SETTLE |
  K_VERSIONS | K_APPROVAL | K_OUTPUT | K_CAPTURE | K_LAST | K_PREVIOUS | K_NEXT | K_UNIT | K_METRIC |
  K_WINDOW | K_BASELINE | K_DRIFT | K_QUALITY | K_ESTIMATE | K_MISSING | K_VOLUME |
  K_FRESHNESS | K_LABELS | K_COOLDOWN | K_BUDGET | K_GIVEN | K_EXPECT | K_ERROR | K_INPUT | K_TIMEOUT | K_RETRIES |
  K_ENV | K_REST ;
