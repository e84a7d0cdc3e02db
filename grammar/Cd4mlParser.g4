parser grammar Cd4mlParser;
options { tokenVocab = Cd4mlLexer; }
file : WORD* EOF ;
