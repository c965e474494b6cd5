SELECT called, hour(called) AS called_hour, minute(called) AS called_minute, second(called) AS called_second FROM calls
