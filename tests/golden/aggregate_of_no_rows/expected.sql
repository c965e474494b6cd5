SELECT count(*) AS n, sum(crew) AS crew_sum, min(port) AS first_port, count(fee) AS fee_count, false AS some, true AS every FROM calls WHERE crew > 1000
