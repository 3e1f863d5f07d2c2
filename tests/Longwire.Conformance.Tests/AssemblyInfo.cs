// Most of a case is waiting: more classes than there are cores run at a time.
[assembly: Xunit.v3.Parallelization(MaxThreads = 8)]
