# Runs an example and looks for the trace that each of them must print.
#   cmake -DCOMMAND=… -P example_test.cmake
separate_arguments(COMMAND)
execute_process(COMMAND ${COMMAND} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE problem)
set(wanted "^job 1 of task 1\ndt:ownership:[0-9a-f]+  features  Dataset  Bank A  minted [^\n]+\n└── dt:ownership:[0-9a-f]+  rows of both  Algorithm  Fintech C  minted [^\n]+\n    └── job 1  count  ")
if(NOT code EQUAL 0 OR NOT text MATCHES "${wanted}")
  message(FATAL_ERROR "${COMMAND} ended with ${code}:\n${text}${problem}")
endif()
