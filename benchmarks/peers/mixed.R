# A mixed model by lme4: fit FORMULA to the rows of FILE that have a score, write predictions of the others, one a line.
#   Rscript mixed.R FILE FOUND FORMULA       ids and text columns are factors; an unseen level counts as the average
suppressPackageStartupMessages(library(lme4))
arguments <- commandArgs(trailingOnly = TRUE)
ratings <- read.csv(arguments[1], colClasses = c(client_id = "factor", therapist_id = "factor"), stringsAsFactors = TRUE)
asked <- is.na(ratings$score)
fit <- lmer(as.formula(arguments[3]), ratings[!asked, ])
write(predict(fit, ratings[asked, ], allow.new.levels = TRUE), arguments[2], ncolumns = 1)
