// Most of a test is waiting for a peer or a browser: more classes than there are cores run at a time.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]
