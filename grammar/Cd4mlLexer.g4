lexer grammar Cd4mlLexer;
WORD : [A-Za-z_] [A-Za-z0-9_]* ;
WS : [ \t\r\n]+ -> skip ;
