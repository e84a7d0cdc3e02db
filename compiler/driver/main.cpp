#include <cstdio>
int main() { std::puts("cd4mlc"); return 0; }
